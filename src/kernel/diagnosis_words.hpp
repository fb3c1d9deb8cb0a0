#pragma once
// A diagnosis in words.

#include <string>

#include "prodigest/kernel/diagnose.hpp"

namespace prodigest::kernel {

/// What the statistics mean for products, a line for each thing.
std::string verdict_on(const Diagnosis& diagnosis);

}  // namespace prodigest::kernel
