#pragma once
/// Products with the Gaussian kernel matrix in less than n² time, to a stated and checked error.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/io/container.hpp"

namespace prodigest::kernel {

/// What epsilon is of.
enum class ErrorTarget {
  kVector,       ///< ||y - Kx||_F <= epsilon ||x||_F
  kRowRelative,  ///< the same of D⁻¹K and D⁻¹y, D the diagonal of row sums: of attention, whose
                 ///< rows may all be so small that y = 0 would do
};

/// Immutable once validated.
struct GaussianSpec {
  double bandwidth = 1;   ///< in the unit of the points, positive and finite
  double epsilon = 0.05;  ///< in (0, 1)
  double failure = 0.01;  ///< probability that the error is larger than epsilon, in (0, 1)
  ErrorTarget target = ErrorTarget::kVector;
  Index near = 64;  ///< largest kernel values found and kept for each query, 0: none
  Index trees = 0;  ///< random trees that look for them; 0: 8, and 16 from 2^18 keys on
  Index key_cell = 64, query_cell = 96;  ///< points of a cell, about
  Index verify_rows = 512;               ///< exact rows of a look at the error; there are up to eight
  Seed seed{};

  friend bool operator==(const GaussianSpec&, const GaussianSpec&) = default;
};
/// "gaussian:bandwidth=1,epsilon=0.05,failure=0.01,target=vector | row_relative,near=64,..."; what
/// is left out is as in GaussianSpec.
/// @throws Error{kInvalidArgument}
GaussianSpec parse_gaussian_spec(std::string_view text);
std::string to_text(const GaussianSpec& spec);
/// @throws Error{kInvalidArgument} naming the member, what was got and what is allowed
void validate(const GaussianSpec& spec);

/// What one product cost, and how far off it is.
struct ProductReport {
  double error = 0;  ///< estimate of the error that epsilon bounds, from exact rows
  double error_bound = 0;  ///< it is below this with probability 1 - failure
  double pairs = 0;        ///< kernel evaluations / (n_q n), pilot and verification included
  double pilot_seconds = 0, apply_seconds = 0, verify_seconds = 0;
  int attempts = 1;      ///< samples drawn until the product passed verification
  bool exact = false;    ///< every pair was evaluated: sampling would have cost as much, or missed
  std::string reason{};  ///< in words, if exact
};

/// What was prepared for the points.
struct PlanReport {
  Index key_cells = 0, query_cells = 0;
  double near_pairs = 0;   ///< mean number of near keys kept for a query
  double near_recall = 0;  ///< share of the near keys of some queries, by squared kernel value,
                           ///< that was found
  double seconds = 0, near_seconds = 0;
  Index bytes = 0;
};

/// K(i, j) = exp(-||q_i - k_j||² / (2 bandwidth²)) of two sets of points, prepared once for many x.
/// Near pairs are found and summed exactly; the rest is sampled, a key with probability about
/// proportional to |x_j| times the kernel between its cell and that of the query; then some rows
/// are computed exactly, and if they tell of a larger error than epsilon more is sampled, in the
/// end all.
///
/// @source Indyk, Kapralov, Sheth, Wagner, "Improved Algorithms for Kernel Matrix-Vector
/// Multiplication Under Sparsity Assumptions", ICLR 2025, whose heavy and light pairs these are;
/// sampling by x² and cells are ours, see docs/theory/kernel.md
class GaussianOperator {
 public:
  /// @shape queries: n_q x d, keys: n x d; the points are copied. The same view twice means that
  /// queries are keys.
  /// @complexity about O(n d (log n) trees); memory linear in n_q + n
  /// @throws Error{kInvalidArgument}, Error{kCancelled}
  GaussianOperator(MatrixView<const float> queries, MatrixView<const float> keys,
                   const GaussianSpec& spec, const Context& context = {});
  GaussianOperator(GaussianOperator&&) noexcept;
  GaussianOperator& operator=(GaussianOperator&&) noexcept;
  ~GaussianOperator();

  const GaussianSpec& spec() const noexcept;
  const PlanReport& plan() const noexcept;
  Index rows() const noexcept;      ///< n_q
  Index cols() const noexcept;      ///< n
  Index dim() const noexcept;       ///< d
  bool symmetric() const noexcept;  ///< queries are keys

  /// y ≈ K x, any sign.  @shape x: n x m, y: n_q x m, overwritten
  /// @param call names the product: other calls draw other samples. The same call, x and points
  /// give the same bits for any number of threads.
  /// @guarantee the error is at most epsilon with probability 1 - failure, by verification; for
  /// m > 1 in the Frobenius norm, not column by column
  /// @complexity about n^1.5 / epsilon kernel evaluations where sum(K) = O(n); where
  /// attempts fail verification at most 0.75 n² more than the exact product
  /// @throws Error{kInvalidArgument}, Error{kCancelled}
  ProductReport apply(MatrixView<const double> x, MatrixView<double> y, std::uint64_t call = 0,
                      const Context& context = {}) const;
  /// y = K x by every pair.
  void apply_exactly(MatrixView<const double> x, MatrixView<double> y,
                     const Context& context = {}) const;

 private:
  friend std::vector<std::byte> to_bytes(const GaussianOperator&);
  friend GaussianOperator gaussian_operator_from(const io::Container&);
  struct Impl;
  explicit GaussianOperator(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

/// Kind of a container that holds a plan.
inline constexpr char kGaussianOperatorKind[] = "gaussian_operator";
std::vector<std::byte> to_bytes(const GaussianOperator& made);
/// @throws Error{kIo}
void save(const GaussianOperator& made, const std::filesystem::path& path);
/// @throws Error{kFormat}
GaussianOperator gaussian_operator_from(const io::Container& container);
/// @throws Error{kIo, kFormat}
GaussianOperator load_gaussian_operator(const std::filesystem::path& path);

}  // namespace prodigest::kernel
