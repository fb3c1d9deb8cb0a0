#pragma once
// --unique-check: a reader that refuses a row id it has seen before.

#include <fmt/format.h>

#include <memory>
#include <unordered_set>

#include "prodigest/base/error.hpp"
#include "prodigest/io/row_reader.hpp"

namespace prodigest::cli {

class UniqueRows final : public io::RowReader {
 public:
  explicit UniqueRows(std::unique_ptr<io::RowReader> reader) : reader_(std::move(reader)) {}

  Index cols() const override { return reader_->cols(); }
  const std::vector<std::string>& column_names() const override { return reader_->column_names(); }
  std::vector<std::string> notes() const override { return reader_->notes(); }
  bool next(io::RowBlock& block) override {
    if (!reader_->next(block)) return false;
    for (const RowId row : block.row_ids) {
      if (!seen_.insert(row).second)
        throw Error(ErrorCode::kInvalidArgument,
                    fmt::format("--unique-check: row {} after the key column repeats an earlier key "
                                "(combine the rows of a key first)", rows_));
      ++rows_;
    }
    return true;
  }
  void rewind() override {
    reader_->rewind();
    seen_.clear();
    rows_ = 0;
  }

 private:
  std::unique_ptr<io::RowReader> reader_;
  std::unordered_set<RowId> seen_;
  Index rows_ = 0;
};

}  // namespace prodigest::cli
