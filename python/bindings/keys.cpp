// Row ids of key columns.

#include <fmt/format.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "arrays.hpp"
#include "bindings.hpp"
#include "digests.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/core/key.hpp"

namespace prodigest::python {
namespace {

/// Texts one behind the other, as Arrow has them.
struct Texts {
  Array1<const Index> offsets;
  Array1<const std::uint8_t> bytes;
};
using KeyColumn = std::variant<Array1<const std::int64_t>, Array1<const std::uint64_t>, Texts>;

/// The cells of one key column as a text file would have them.
class Cells {
 public:
  explicit Cells(const KeyColumn& column) : column_(column) {}

  std::size_t size() const {
    return std::visit(
        [](const auto& c) {
          if constexpr (requires { c.offsets; })
            return c.offsets.size() - 1;
          else
            return c.size();
        },
        column_);
  }

  /// Valid until the next call.
  std::string_view operator()(std::size_t i) {
    return std::visit([&](const auto& c) { return cell(c, i); }, column_);
  }

 private:
  static std::string_view cell(const Texts& texts, std::size_t i) {
    const Index begin = texts.offsets.data()[i], end = texts.offsets.data()[i + 1];
    return {reinterpret_cast<const char*>(texts.bytes.data()) + begin,
            static_cast<std::size_t>(end - begin)};
  }
  template <class Integer>
  std::string_view cell(const Array1<const Integer>& integers, std::size_t i) {
    char* const end =
        std::to_chars(digits_.data(), digits_.data() + digits_.size(), integers.data()[i]).ptr;
    return {digits_.data(), end};
  }

  const KeyColumn& column_;
  std::array<char, 24> digits_;
};

void check_texts(const Texts& texts) {
  const std::span<const Index> offsets = span_of(texts.offsets);
  if (offsets.empty() || offsets.front() < 0 || !std::ranges::is_sorted(offsets) ||
      offsets.back() > static_cast<Index>(texts.bytes.size()))
    throw Error(ErrorCode::kInvalidArgument, "key: offsets of texts must ascend within their bytes");
}

std::vector<RowId> row_ids_of(const std::vector<KeyColumn>& columns,
                              const std::vector<std::string>& names, KeyEncoding encoding) {
  std::vector<Cells> cells(columns.begin(), columns.end());
  std::vector<std::string_view> parts(cells.size());
  std::vector<RowId> ids(cells.empty() ? 0 : cells[0].size());
  for (Cells& column : cells)
    if (column.size() != ids.size())
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("key: columns must be of one length, got {} and {}", ids.size(),
                              column.size()));
  for (std::size_t row = 0; row < ids.size(); ++row) {
    for (std::size_t j = 0; j < cells.size(); ++j) {
      parts[j] = cells[j](row);
      // As of a text file: a key of spaces alone is more likely missing than meant.
      if (parts[j].find_first_not_of(" \t") == std::string_view::npos)
        throw Error(ErrorCode::kInvalidArgument,
                    fmt::format("{}: row {}: the key is empty (give every row a key)", names[j],
                                row));
    }
    ids[row] = row_id_of_cells(parts, encoding);
  }
  return ids;
}

}  // namespace

void bind_keys(nb::module_& m) {
  using namespace nb::literals;
  nb::class_<Texts>(m, "Texts", "Texts one behind the other, as Arrow has them.")
      .def("__init__",
           [](Texts* self, Array1<const Index> offsets, Array1<const std::uint8_t> bytes) {
             const Texts texts{std::move(offsets), std::move(bytes)};
             check_texts(texts);
             new (self) Texts(texts);
           },
           "offsets"_a.noconvert(), "bytes"_a.noconvert());
  m.def("row_ids_of",
        [](const std::vector<KeyColumn>& columns, const std::vector<std::string>& names,
           bool text_keys) {
          std::vector<RowId> ids;
          {
            nb::gil_scoped_release unlocked;
            ids = row_ids_of(columns, names, text_keys ? KeyEncoding::kText : KeyEncoding::kTyped);
          }
          const std::size_t size = ids.size();
          return array_of(std::move(ids), {size});
        },
        "columns"_a.noconvert(), "names"_a, "text_keys"_a);
}

}  // namespace prodigest::python
