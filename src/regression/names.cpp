#include "prodigest/regression/regress.hpp"

namespace prodigest::regression {

const char* name_of(Estimator estimator) {
  switch (estimator) {
    case Estimator::kAuto:
      return "auto";
    case Estimator::kJoint:
      return "joint";
    case Estimator::kSingle:
      return "single";
    case Estimator::kGram:
      return "gram";
    case Estimator::kSketch:
      return "sketch";
  }
  return "?";
}

const char* name_of(Warning::Kind kind) {
  using Kind = Warning::Kind;
  switch (kind) {
    case Kind::kNoCommonRows:
      return "no_common_rows";
    case Kind::kUnderdetermined:
      return "underdetermined";
    case Kind::kFewRows:
      return "few_rows";
    case Kind::kRankDeficient:
      return "rank_deficient";
    case Kind::kZeroRowsMissing:
      return "zero_rows_missing";
    case Kind::kMissingAsZero:
      return "missing_as_zero";
    case Kind::kCodedValues:
      return "coded_values";
    case Kind::kNoFit:
      return "no_fit";
  }
  return "?";
}

}  // namespace prodigest::regression
