#include "io/narrow.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/fail.hpp"

namespace prodigest::io {
namespace {

template <class To, class From>
NarrowArray convert(std::span<const From> values) {
  NarrowArray array{dtype_of<To>(), std::ssize(values), std::vector<std::byte>(values.size() * sizeof(To))};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<To>(values[i]);
    std::memcpy(array.bytes.data() + i * sizeof(To), &value, sizeof(To));
  }
  return array;
}

}  // namespace

Tensor NarrowArray::tensor(std::string name, std::vector<Index> shape) const {
  return {std::move(name), dtype, std::move(shape), bytes};
}

template <Real T>
NarrowArray narrow(std::span<const T> values) {
  const auto is_byte = [](T x) { return x >= 0 && x <= 255 && x == static_cast<T>(static_cast<std::uint8_t>(x)); };
  const auto is_float = [](T x) { return static_cast<T>(static_cast<float>(x)) == x; };
  if (std::ranges::all_of(values, is_byte)) return convert<std::uint8_t>(values);
  if (std::ranges::all_of(values, is_float)) return convert<float>(values);
  return convert<T>(values);
}

template <std::integral T>
NarrowArray narrow_below(std::span<const T> values, Index limit) {
  if (limit <= Index{1} << 8) return convert<std::uint8_t>(values);
  if (limit <= Index{1} << 16) return convert<std::uint16_t>(values);
  return convert<std::uint32_t>(values);
}

template <class T>
std::vector<T> widen(const Container& container, const std::string& name, std::initializer_list<Index> shape) {
  const Tensor* const tensor = container.find(name);
  if (tensor == nullptr)
    fail(ErrorCode::kFormat, "{}: the digest has no tensor \"{}\"", container.name(), name);
  const auto refuse = [&]() -> std::vector<T> {
    fail(ErrorCode::kFormat, "{}: tensor \"{}\" has the type {}, which a digest does not use there",
         container.name(), name, dtype_name(tensor->dtype));
  };
  const auto copy = [&]<class From>(const From*) {
    if constexpr (std::integral<T> ? !std::integral<From> : sizeof(From) > sizeof(T)) return refuse();
    const auto values = container.values<From>(name, shape);
    return std::vector<T>(values.begin(), values.end());
  };
  switch (tensor->dtype) {
    case DType::kU8: return copy(static_cast<const std::uint8_t*>(nullptr));
    case DType::kU16: return copy(static_cast<const std::uint16_t*>(nullptr));
    case DType::kU32: return copy(static_cast<const std::uint32_t*>(nullptr));
    case DType::kF32: return copy(static_cast<const float*>(nullptr));
    case DType::kF64: return copy(static_cast<const double*>(nullptr));
    default: return refuse();
  }
}

template NarrowArray narrow(std::span<const float>);
template NarrowArray narrow(std::span<const double>);
template NarrowArray narrow_below(std::span<const std::int32_t>, Index);
template NarrowArray narrow_below(std::span<const Index>, Index);
template std::vector<float> widen(const Container&, const std::string&, std::initializer_list<Index>);
template std::vector<double> widen(const Container&, const std::string&, std::initializer_list<Index>);
template std::vector<std::int32_t> widen(const Container&, const std::string&, std::initializer_list<Index>);
template std::vector<Index> widen(const Container&, const std::string&, std::initializer_list<Index>);

}  // namespace prodigest::io
