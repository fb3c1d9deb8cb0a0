#include "io/presence.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "base/fail.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::io {
namespace {

// A block of ones and rows, its storage reused.
template <Real T>
RowsView put_in_front(Matrix<T>& all, const MatrixView<const T>& rows) {
  all.rows = rows.rows;
  all.cols = rows.cols + 1;
  all.storage.resize(static_cast<std::size_t>(all.rows * all.cols));
  auto out = all.storage.begin();
  for (Index i = 0; i < rows.rows; ++i) {
    *out++ = 1;
    out = std::ranges::copy(rows.row(i), out).out;
  }
  return all.view();
}

template <Real T>
RowsView put_in_front(CsrMatrix<T>& all, const CsrView<T>& rows) {
  all.cols = rows.cols + 1;
  all.row_start.assign(1, 0);
  all.columns.clear();
  all.values.clear();
  for (Index i = 0; i < rows.rows; ++i) {
    all.columns.push_back(0);
    for (const std::int32_t column : rows.row_columns(i)) all.columns.push_back(column + 1);
    all.values.push_back(1);
    const auto values = rows.row_values(i);
    all.values.insert(all.values.end(), values.begin(), values.end());
    all.row_start.push_back(std::ssize(all.values));
  }
  return all.view();
}

template <class View>
struct OwnerOf;
template <Real T>
struct OwnerOf<MatrixView<const T>> {
  using Type = Matrix<T>;
};
template <Real T>
struct OwnerOf<CsrView<T>> {
  using Type = CsrMatrix<T>;
};

class PresenceRows final : public RowReader {
 public:
  PresenceRows(std::unique_ptr<RowReader> reader, const std::string& name)
      : reader_(std::move(reader)), names_{kPresence} {
    const std::vector<std::string>& names = reader_->column_names();
    if (std::ranges::find(names, kPresence) != names.end())
      fail(ErrorCode::kInvalidArgument,
           "{}: --presence adds a column of ones named \"{}\", but the file has one of that name "
           "(leave --presence out, or name other --columns)",
           name, kPresence);
    names_.insert(names_.end(), names.begin(), names.end());
    if (names.empty())
      for (Index c = 0; c < reader_->cols(); ++c) names_.push_back(std::to_string(c));
  }

  Index cols() const override { return reader_->cols() + 1; }
  const std::vector<std::string>& column_names() const override { return names_; }
  std::vector<std::string> notes() const override { return reader_->notes(); }
  void rewind() override { reader_->rewind(); }

  bool next(RowBlock& block) override {
    if (!reader_->next(block)) return false;
    block.rows = std::visit(
        [&](const auto& rows) {
          using Owner = typename OwnerOf<std::decay_t<decltype(rows)>>::Type;
          if (!std::holds_alternative<Owner>(block_)) block_.emplace<Owner>();
          return put_in_front(std::get<Owner>(block_), rows);
        },
        block.rows);
    return true;
  }

 private:
  std::unique_ptr<RowReader> reader_;
  std::vector<std::string> names_;
  AnyMatrix block_;
};

}  // namespace

std::unique_ptr<RowReader> with_presence(std::unique_ptr<RowReader> reader,
                                         const std::string& name) {
  return std::make_unique<PresenceRows>(std::move(reader), name);
}

}  // namespace prodigest::io
