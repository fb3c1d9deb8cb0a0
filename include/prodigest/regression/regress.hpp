#pragma once
/// Least squares from two digests: which x makes A x close to a column b of B?

#include <optional>
#include <string>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/digest/digest.hpp"

namespace prodigest::regression {

enum class Estimator {
  kAuto,    ///< kJoint for samples, kSketch for linear sketches
  kJoint,   ///< weighted least squares on the rows that both samples hold, weights 1/p
  kSingle,  ///< Gram matrix from the sample of A alone, AᵀB from both (Algorithm 3 of the source)
  kGram,    ///< the exact Gram matrix (totals=gram), AᵀB from both samples
  kSketch,  ///< sketch-and-solve: least squares on S A and S b
};

struct RegressionOptions {
  std::string target{};  ///< name or number of the column b; empty: the only one of B
  Estimator estimator = Estimator::kAuto;
  /// lambda in ||A x - b||² + lambda ||x||² of all rows, as in scikit-learn's Ridge(alpha); the
  /// intercept is free. Nothing: each column is penalised in proportion to its variance, so that
  /// units do not matter, as much as leave-one-out finds best.
  std::optional<double> ridge{};
  /// Fit a constant too. kJoint can always; the others need a column of ones in A ("present"), and
  /// do without where there is none. A column that stands for the constant is not one of the
  /// coefficients.
  bool intercept = true;
  double confidence = 0.95;  ///< of the interval of R², in (0, 1)
};

/// What a user must know before trusting a fit.
struct Warning {
  enum class Kind {
    kNoCommonRows,     ///< nothing could be fitted; coefficients are zero
    kUnderdetermined,  ///< fewer rows than columns
    kFewRows,          ///< fewer than 10 matched rows a column
    kRankDeficient,    ///< columns depend on each other; the least-norm solution was taken
    kZeroRowsMissing,  ///< weights drop zero rows, so a key whose values are 0 counts as missing
    kMissingAsZero,    ///< kSketch, kSingle, kGram: a key that one side lacks is zeros there
    kCodedValues,      ///< rows err by their codes, which standard errors do not know
    kNoFit,            ///< R² is not above 0: the columns do not predict the target
  };
  Kind kind;
  std::string message;
};

const char* name_of(Estimator estimator);  ///< "joint"
const char* name_of(Warning::Kind kind);   ///< "few_rows"; stable

struct Coefficient {
  std::string name;
  double value = 0;
  /// Heteroskedasticity-robust (HC3) with design weights; NaN if no rows are left to tell.
  double standard_error = 0;
};

struct Regression {
  Estimator estimator = Estimator::kJoint;  ///< what was used
  std::string target;
  /// [columns of A], in order, without a column "present" that stands for the intercept.
  std::vector<Coefficient> coefficients;
  std::optional<Coefficient> intercept;
  double ridge = 0;           ///< lambda that was used, see scaled_ridge
  bool scaled_ridge = false;  ///< chosen: columns are penalised by their variance
  /// Share of b's variance about its mean (about 0 without an intercept) that A explains, estimated
  /// without the optimism of a fit judged on its own rows. Nothing where that is no fit: not above
  /// 0, or too few rows to say.
  std::optional<double> r_squared;
  /// Interval of `confidence`; [0, 1] says that nothing is known.
  double r_squared_low = 0, r_squared_high = 0;
  Index matched_rows = 0;     ///< rows of the fit: common rows, or rows of the sketch
  double effective_rows = 0;  ///< (sum of weights)² / sum of squares
  double join_rows = 0;  ///< estimated number of rows that A and B share; NaN for linear sketches
  Index rank = 0;        ///< of the columns, the constant fitted out
  std::vector<Warning> warnings;
};

/// The regression of one column of B on all columns of A.
///
/// Samples describe the join: rows whose keys both tables hold. A key that one side lacks does not
/// count as zero, provided that the digests keep zero rows (weight=uniform or mixture=). Linear
/// sketches describe the union, missing keys being zero rows; kSingle and kGram describe the rows
/// of A. Two digests of one table may be given: a column of A that is also the target is not left
/// out.
///
/// Without a common row, with fewer rows than columns, or with dependent columns there is a result
/// with a warning, never an exception.
///
/// @complexity O(t d²) for t matched rows, O(d³) at most for the solution
/// @guarantee kJoint is exact if b = A x on the join. kSingle: Theorem 3 of Daliri, Freire, Li,
/// Musco, ICLR 2025: ||A x' - b||² <= ||A x* - b||² + 9 epsilon ||b||² for O(d / epsilon) rows by
/// leverage
/// @throws Error{kInvalidArgument} on ridge < 0 or NaN, a target that is not there or not named
/// though B has several columns, kGram without totals=gram; Error{kIncompatible} on digests that
/// cannot meet, or an estimator that does not go with their kind
Regression regress(const digest::Digest& a, const digest::Digest& b,
                   const RegressionOptions& options = {}, const Context& context = {});

}  // namespace prodigest::regression
