#include "io/svmlight_reader.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "io/csr_block.hpp"
#include "io/line_input.hpp"
#include "io/text_fields.hpp"
#include "io/unused_options.hpp"

namespace prodigest::io {
namespace {

constexpr Index kMaxFeatures = std::numeric_limits<std::int32_t>::max();

class SvmlightLines {
 public:
  struct Feature {
    std::int32_t column;  // from 0
    double value;
  };

  // @param features columns beyond are refused; 0 stands for the most there can be
  SvmlightLines(const std::filesystem::path& path, bool zero_based, Index features)
      : lines_(path),
        first_index_(zero_based ? 0 : 1),
        end_index_((features > 0 ? features : kMaxFeatures) + first_index_) {}

  const std::string& name() const noexcept { return lines_.name(); }
  double label() const noexcept { return label_; }
  const std::vector<Feature>& features() const noexcept { return features_; }
  void set_features(Index features) noexcept { end_index_ = features + first_index_; }

  // Reads the next row, passing over blank and comment lines; false at the end.
  bool next() {
    std::string_view line;
    while (lines_.next(line)) {
      std::string_view rest = line.substr(0, line.find('#'));
      const std::string_view label = next_token(rest);
      if (label.empty()) continue;
      if (!parse_number(label, label_)) fail_line("a number as label", label);
      if (!std::isfinite(label_)) fail_line("a finite label", label);
      read_features(rest);
      return true;
    }
    return false;
  }

  void rewind() { lines_.rewind(); }

 private:
  void read_features(std::string_view rest) {
    features_.clear();
    Index last_index = first_index_ - 1;
    for (std::string_view token = next_token(rest); !token.empty(); token = next_token(rest)) {
      if (token.starts_with("qid:")) continue;
      const std::size_t colon = token.find(':');
      Index index = 0;
      double value = 0;
      if (colon == std::string_view::npos || !parse_integer(token.substr(0, colon), index) ||
          !parse_number(token.substr(colon + 1), value))
        fail_line("index:value", token);
      if (!std::isfinite(value)) fail_line("a finite value", token);
      if (index == 0 && first_index_ == 1)
        fail_line("indices from 1 (--zero-based takes them from 0)", token);
      if (index < first_index_ || index >= end_index_)
        fail_line(fmt::format("an index from {} to {}", first_index_, end_index_ - 1), token);
      if (index <= last_index)
        fail_line(fmt::format("an index above {} (sort the features, each once)", last_index),
                  token);
      last_index = index;
      features_.push_back({static_cast<std::int32_t>(index - first_index_), value});
    }
  }

  [[noreturn]] void fail_line(std::string_view expected, std::string_view token) const {
    fail(ErrorCode::kFormat, "{}: line {}: expected {}, got {}", name(), lines_.line_number(),
         expected, shown(token));
  }

  LineInput lines_;
  Index first_index_;
  Index end_index_;
  double label_ = 0;
  std::vector<Feature> features_;
};

class FeatureReader final : public RowReader {
 public:
  FeatureReader(const std::filesystem::path& path, const ReadOptions& options)
      : lines_(path, options.zero_based, options.features),
        first_row_(options.first_row),
        cols_(options.features),
        block_(0, options.block_bytes) {
    if (cols_ == 0) cols_ = count_features();
    lines_.set_features(cols_);
    block_ = CsrBlock(cols_, options.block_bytes);
  }

  Index cols() const override { return cols_; }
  const std::vector<std::string>& column_names() const override { return names_; }

  bool next(RowBlock& block) override {
    block_.clear();
    block.first_row = first_row_ + static_cast<RowId>(row_);
    while (!block_.full() && lines_.next()) {
      for (const auto& [column, value] : lines_.features())
        if (value != 0) block_.add(column, value);
      block_.end_row();
    }
    row_ += block_.rows();
    block.rows = block_.view();
    block.row_ids = {};
    return block_.rows() > 0;
  }

  void rewind() override {
    lines_.rewind();
    row_ = 0;
  }

 private:
  Index count_features() {
    Index count = 0;
    while (lines_.next())
      if (!lines_.features().empty())
        count = std::max<Index>(count, lines_.features().back().column + 1);
    if (count == 0)
      fail(ErrorCode::kFormat,
           "{}: expected lines of label and index:value, got no feature (--features "
           "gives their number)",
           lines_.name());
    lines_.rewind();
    return count;
  }

  SvmlightLines lines_;
  RowId first_row_;
  Index cols_;
  Index row_ = 0;
  std::vector<std::string> names_;
  CsrBlock block_;
};

class LabelReader final : public RowReader {
 public:
  LabelReader(const std::filesystem::path& path, const ReadOptions& options)
      : lines_(path, options.zero_based, options.features),
        first_row_(options.first_row),
        rows_per_block_(std::max<std::size_t>(1, options.block_bytes / sizeof(double))) {}

  Index cols() const override { return 1; }
  const std::vector<std::string>& column_names() const override { return names_; }

  bool next(RowBlock& block) override {
    labels_.clear();
    block.first_row = first_row_ + row_;
    while (labels_.size() < rows_per_block_ && lines_.next()) labels_.push_back(lines_.label());
    row_ += labels_.size();
    block.rows = MatrixView<const double>(labels_.data(), static_cast<Index>(labels_.size()), 1);
    block.row_ids = {};
    return !labels_.empty();
  }

  void rewind() override {
    lines_.rewind();
    row_ = 0;
  }

 private:
  SvmlightLines lines_;
  RowId first_row_;
  std::size_t rows_per_block_;
  RowId row_ = 0;
  std::vector<std::string> names_{"label"};
  std::vector<double> labels_;
};

}  // namespace

std::unique_ptr<RowReader> open_svmlight(const std::filesystem::path& path,
                                         const ReadOptions& options) {
  const std::string name = path == "-" ? "<stdin>" : path.string();
  refuse_unused_options(name, "an svmlight file", options,
                        {ReadOption::kColumns, ReadOption::kZeroBased, ReadOption::kFeatures});
  if (options.features < 0 || options.features > kMaxFeatures)
    fail(ErrorCode::kInvalidArgument, "{}: --features must be between 1 and {}, got {}", name,
         kMaxFeatures, options.features);
  if (options.columns == std::vector<std::string>{"label"})
    return std::make_unique<LabelReader>(path, options);
  if (!options.columns.empty())
    fail(ErrorCode::kInvalidArgument,
         "{}: the columns of an svmlight file have no names but \"label\", got \"{}\" (leave "
         "--columns "
         "out)",
         name, fmt::join(options.columns, ", "));
  if (path == "-" && options.features == 0)
    fail(ErrorCode::kInvalidArgument,
         "{}: counting the features takes a pass of its own, and a pipe has only one (give "
         "--features)",
         name);
  return std::make_unique<FeatureReader>(path, options);
}

}  // namespace prodigest::io
