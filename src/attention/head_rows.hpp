#pragma once
// The rows of one head, read and written a few at a time: what the kernels of every kind share.

#include <concepts>
#include <string_view>
#include <type_traits>
#include <variant>

#include "attention/normalize.hpp"
#include "prodigest/attention/heads.hpp"

namespace prodigest::attention {

/// Where a head's rows stand, for messages.
struct HeadName {
  std::string_view tensor;  ///< "q", "k", "v" or "dout"
  Index batch = 0, head = 0;
  Index first_token = 0;  ///< row 0 in the tensor
};

/// Rows of one head as the kernels take them: normalized and scaled, in T.
template <Real T>
class HeadRows {
 public:
  using Source = std::conditional_t<std::same_as<T, float>,
                                    std::variant<MatrixView<const T>, MatrixView<const BFloat16>>,
                                    std::variant<MatrixView<const T>>>;

  HeadRows() = default;
  HeadRows(Source source, RowNorm norm, HeadName name)
      : source_(source), norm_(norm), name_(name) {}

  Index rows() const noexcept;
  Index width() const noexcept;

  /// Rows first, first + 1, ... as many as `to` has.  @shape to: count x width
  /// @throws Error{kInvalidArgument} if one is not finite, by its place in the tensor
  void load(Index first, MatrixView<T> to) const;

  /// As load() does, of all rows.
  void check() const;

  /// Of a query whose weights are too large for T.  @throws Error{kInvalidArgument}
  [[noreturn]] void refuse_overflow(Index row) const;

  /// gradient: that of a loss in what load(first) gives, made into that in the source, in place.
  /// @shape gradient: count x width
  void to_source_gradient(Index first, MatrixView<T> gradient) const;

 private:
  Source source_{};
  RowNorm norm_{};
  HeadName name_{};
};

/// Where the results of one head go.
template <Real T>
class HeadOut {
 public:
  using Target =
      std::conditional_t<std::same_as<T, float>, std::variant<MatrixView<T>, MatrixView<BFloat16>>,
                         std::variant<MatrixView<T>>>;

  HeadOut() = default;
  explicit HeadOut(Target target) : target_(target) {}

  /// Rows first, first + 1, ...; half precision is rounded to nearest even.
  void store(Index first, MatrixView<const T> rows) const;

 private:
  Target target_{};
};

}  // namespace prodigest::attention
