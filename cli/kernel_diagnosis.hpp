#pragma once
// Diagnoses of the kernel matrices of many heads, as tables, numbers and a picture.

#include <string>
#include <vector>

#include "prodigest/kernel/diagnose.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// Of layers x heads matrices, those of a layer one after the other.
struct HeadDiagnoses {
  Index layers = 1, heads = 1;
  std::vector<kernel::Diagnosis> all{};

  const kernel::Diagnosis& at(Index layer, Index head) const {
    return all[static_cast<std::size_t>(layer * heads + head)];
  }
};

/// One matrix is told of in full; of many the ratios in a grid, and the worst.
std::string diagnoses_text(const HeadDiagnoses& diagnoses);
Json diagnoses_json(const HeadDiagnoses& diagnoses);
/// A line a head, and a line a prefix of a head.
std::string heads_csv(const HeadDiagnoses& diagnoses);
std::string prefixes_csv(const HeadDiagnoses& diagnoses);
/// The largest ratio of tail to head of each.
std::string diagnoses_svg(const HeadDiagnoses& diagnoses);

}  // namespace prodigest::cli
