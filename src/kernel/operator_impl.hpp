#pragma once

#include "kernel/gaussian_plan.hpp"

namespace prodigest::kernel {

struct GaussianOperator::Impl {
  GaussianPlan plan{};
};

}  // namespace prodigest::kernel
