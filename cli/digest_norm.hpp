#pragma once
// The norm of a digested matrix, as far as its digest knows it.

#include "prodigest/digest/digest.hpp"

namespace prodigest::cli {

struct DigestNorm {
  double value = 0;        ///< ||A||_F; infinite if nothing is known
  bool estimated = false;  ///< from a sketch of rows in parts, or codes of some coordinates only
};

DigestNorm norm_of(const digest::Digest& digest);

}  // namespace prodigest::cli
