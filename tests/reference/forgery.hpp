#pragma once
// Digest files that lie.

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "prodigest/base/error.hpp"
#include "prodigest/io/container.hpp"

namespace prodigest {

using Bytes = std::vector<std::byte>;

/// Whether read(container) refuses the bytes as a bad file and not in any other way.
template <class Read>
testing::AssertionResult refused_by(const Read& read, const Bytes& bytes) {
  try {
    read(io::Container::parse(bytes, "a.pdg"));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kFormat || error.code() == ErrorCode::kUnsupported)
      return testing::AssertionSuccess();
    return testing::AssertionFailure() << "another error: " << error.what();
  }
  return testing::AssertionFailure() << "accepted";
}

/// A file taken apart, to be changed and put together again with correct checksums.
struct Forgery {
  io::Metadata metadata;
  std::vector<io::Tensor> tensors;
  std::vector<std::unique_ptr<Bytes>> storage;
  std::string kind, feature;

  explicit Forgery(const Bytes& bytes) {
    const io::Container container = io::Container::parse(bytes);
    kind = container.kind();
    feature = container.feature();
    metadata = container.metadata();
    for (io::Tensor tensor : container.tensors()) {
      storage.push_back(std::make_unique<Bytes>(tensor.bytes.begin(), tensor.bytes.end()));
      tensor.bytes = *storage.back();
      tensors.push_back(tensor);
    }
  }

  Bytes bytes() const { return io::container_bytes(kind, metadata, tensors, feature); }

  std::string& text(const std::string& key) {
    for (auto& [name, value] : metadata)
      if (name == key) return value;
    throw std::out_of_range(key);
  }
  io::Tensor& tensor(const std::string& name) {
    for (io::Tensor& tensor : tensors)
      if (tensor.name == name) return tensor;
    throw std::out_of_range(name);
  }
  template <class T>
  void put(const std::string& name, const std::vector<T>& values, std::vector<Index> shape = {}) {
    const auto raw = std::as_bytes(std::span(values));
    storage.push_back(std::make_unique<Bytes>(raw.begin(), raw.end()));
    if (shape.empty()) shape = {std::ssize(values)};
    const io::Tensor made{name, io::dtype_of<T>(), std::move(shape), *storage.back()};
    std::erase_if(tensors, [&](const io::Tensor& tensor) { return tensor.name == name; });
    tensors.push_back(made);
  }
};

}  // namespace prodigest
