#pragma once
// What is said about a regression.

#include <string>

#include "prodigest/regression/regress.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// The coefficients in the order of the columns, or, where there are more than `top`, that many of
/// largest |value| / standard error.
std::string regression_text(const regression::Regression& fit, double confidence, Index top);

/// Everything, all coefficients in the order of the columns.
Json regression_json(const regression::Regression& fit, double confidence);

/// Why the fit is not sure to explain the share `least` of the variance; empty if it is.
std::string shortcoming(const regression::Regression& fit, double least);

}  // namespace prodigest::cli
