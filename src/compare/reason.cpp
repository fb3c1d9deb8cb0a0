#include "compare/reason.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace prodigest::compare {
namespace {

// What a method keeps; in the order of the alternatives of DigestSpec.
enum class Sort { kSample, kSketch, kCodes };
constexpr std::array kSorts = {Sort::kSample, Sort::kSketch, Sort::kCodes};
constexpr std::array kSortNames = {"row sample", "linear sketch", "lattice codes"};

Sort sort_of(const Forecast& forecast) {
  return static_cast<Sort>(forecast.method.spec.index());
}
const char* name_of(Sort sort) { return kSortNames[static_cast<std::size_t>(sort)]; }

std::string percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

// "priority:weight=norm,size=410"
std::string sized(const Forecast& f) {
  const char separator = f.method.name.find(':') == std::string::npos ? ':' : ',';
  return fmt::format("{}{}size={}", f.method.name, separator, f.size);
}

// The best of a sort; null if there is none.
const Forecast* best_of(const Recommendation& r, Sort sort) {
  const Forecast* best = nullptr;
  for (const Forecast& f : r.methods)
    if (f.size > 0 && sort_of(f) == sort && !std::isnan(f.prediction.error) &&
        (best == nullptr || f.prediction.error < best->prediction.error))
      best = &f;
  return best;
}

double density(const SideStatistics& side) {
  const double entries = side.nonzero_rows * static_cast<double>(side.cols);
  return entries == 0 ? 0 : side.nonzeros / entries;
}

// "the best row sample in the same bytes (priority:size=410) by 1.2 %, 3 times as much"
std::string rival_text(const Forecast& rival, const Forecast& chosen, const char* where) {
  std::string text =
      fmt::format("the best {} {} ({}) by {}", name_of(sort_of(rival)), where, sized(rival),
                  percent(rival.prediction.error));
  const double times = rival.prediction.error / chosen.prediction.error;
  if (!std::isfinite(times)) return text;
  return text + (std::abs(times - 1) < 0.05 ? ", about as much"
                                            : fmt::format(", {:.2g} times as much", times));
}

std::string sentence_of_errors(const Recommendation& r, const Forecast& chosen) {
  const std::string text = fmt::format("{} is expected to err by {} of |A||B|", sized(chosen),
                                       percent(chosen.prediction.error));
  const char* const where =
      r.budget.unit == Budget::Unit::kRows ? "of as many rows" : "in the same bytes";
  std::string rivals;
  for (const Sort sort : kSorts) {
    const Forecast* const rival = sort == sort_of(chosen) ? nullptr : best_of(r, sort);
    if (rival == nullptr) continue;
    rivals += (rivals.empty() ? ", " : ", and ") + rival_text(*rival, chosen, where);
  }
  return text +
         (rivals.empty() ? fmt::format("; no other sort of digest {} was considered or fits", where)
                         : rivals) +
         ".";
}

// What speaks for rows rather than sums of them, the strongest first.
std::string sentence_for_rows(const PairStatistics& pair) {
  const SideStatistics& sparser = density(pair.a) < density(pair.b) ? pair.a : pair.b;
  if (density(sparser) < 0.5)
    return fmt::format(
        "Rows of {} are sparse, {:.3g} of {} entries: a sampled row stores those alone, a row of a "
        "projection fills up.",
        &sparser == &pair.a ? "A" : "B", sparser.nonzeros / sparser.nonzero_rows, sparser.cols);
  if (std::min(pair.a.common_share, pair.b.common_share) < 0.5)
    return fmt::format(
        "Only {} of |A|² and {} of |B|² lie on keys that both have: a projection errs by all rows, "
        "a sample by the shared ones.",
        percent(pair.a.common_share), percent(pair.b.common_share));
  const double heaviest = std::max(pair.a.heaviest_share, pair.b.heaviest_share);
  if (heaviest > 0.05)
    return fmt::format(
        "The heaviest 0.1 % of the rows hold {} of the squares, and a sample keeps such rows "
        "exactly.",
        percent(heaviest));
  return "";
}

std::string sentence_for_sample(const PairStatistics& pair, const Forecast& chosen) {
  const double held = share_of_rows(pair, chosen.method.spec);
  const auto& values = std::get<sampling::SampleSpec>(chosen.method.spec).values;
  if (!values)
    return held >= 0.5 ? fmt::format("The sample holds {} of the rows, so its error goes to zero.",
                                     percent(held))
                       : sentence_for_rows(pair);
  const std::string coded =
      fmt::format("Its rows are coded in {:.3g} bits an entry, so that it holds {} of them",
                  coding::bits_per_entry(*values), percent(held));
  if (held >= 1) return coded + ", and only the codes err.";
  const std::string why = sentence_for_rows(pair);
  return coded + "." + (why.empty() ? "" : " " + why);
}

std::string sentence_for_linear(const PairStatistics& pair) {
  const auto alike = [](const SideStatistics& side) {
    return side.effective_rows / std::max(1.0, side.nonzero_rows);
  };
  return fmt::format(
      "Rows are dense ({} and {} of the entries), {} of |A|² and {} of |B|² lie on shared keys, "
      "and squares are spread as over {} and {} of the rows: a projection uses all of them.",
      percent(density(pair.a)), percent(density(pair.b)), percent(pair.a.common_share),
      percent(pair.b.common_share), percent(alike(pair.a)), percent(alike(pair.b)));
}

std::string kept_text(const PairStatistics& pair, const Forecast& codes) {
  const double kept = static_cast<double>(codes.size) / pair.a.rows;
  return kept == 1 ? "every entry" : percent(kept) + " of the coordinates of rotated columns";
}

std::string sentence_for_codes(const PairStatistics& pair, const Forecast& chosen) {
  std::string text = fmt::format(
      "Both matrices have the same {} rows, and {:.3g} bits an entry keep {}, a little off; a sample "
      "keeps a part of the rows exactly. Codes of parts cannot be merged.",
      pair.a.rows, bits_an_entry(pair, chosen.prediction.bytes), kept_text(pair, chosen));
  if (std::min(pair.a.centred_share, pair.b.centred_share) < 0.5)
    text += fmt::format(
        " Means of columns are kept exactly, which leaves {} of |A|² and {} of |B|² to be coded.",
        percent(pair.a.centred_share), percent(pair.b.centred_share));
  return text;
}

// Why it is not codes.
std::string sentence_on_codes(const PairStatistics& pair, const Recommendation& r,
                              const Forecast& chosen) {
  if (sort_of(chosen) == Sort::kCodes) return "";
  for (const Forecast& f : r.methods)
    if (const std::string why = obstacle(pair, f.method.spec); !why.empty())
      return fmt::format(" Lattice codes were left out: {}.", why);
  const Forecast* const codes = best_of(r, Sort::kCodes);
  if (codes == nullptr || static_cast<double>(codes->size) == pair.a.rows) return "";
  return fmt::format(" In {:.2g} bits an entry codes keep only {}.",
                     bits_an_entry(pair, codes->prediction.bytes), kept_text(pair, *codes));
}

bool has_guarantee(const Forecast& f) {
  const auto* const spec = std::get_if<sampling::SampleSpec>(&f.method.spec);
  return spec == nullptr || spec->weight == sampling::Weight::kSquaredNorm;
}

// What was given up, or not taken.
std::string sentence_of_choice(const Recommendation& r, const Forecast& chosen) {
  const Forecast* best = nullptr;
  for (const Sort sort : kSorts)
    if (const Forecast* const f = best_of(r, sort);
        f != nullptr && (best == nullptr || f->prediction.error < best->prediction.error))
      best = f;
  if (best != nullptr && best->prediction.error < 0.99 * chosen.prediction.error)
    return fmt::format(" {} would err by {} less, too little to leave the {} method.",
                       best->method.name,
                       percent(1 - best->prediction.error / chosen.prediction.error),
                       has_guarantee(*best) || !has_guarantee(chosen) ? "simpler" : "safer");
  if (has_guarantee(chosen)) return "";
  const auto safe = std::ranges::find_if(
      r.methods, [](const Forecast& f) {
        return f.size > 0 && sort_of(f) == Sort::kSample && has_guarantee(f);
      });
  if (safe == r.methods.end()) return "";
  return fmt::format(
      " {} errs {:.2g} times as much, but has a worst-case guarantee, which {} has not.",
      safe->method.name, safe->prediction.error / chosen.prediction.error, chosen.method.name);
}

// An error as large as the product itself is no answer.
std::string sentence_of_use(const PairStatistics& pair, const Forecast& chosen) {
  const double zero = std::sqrt(pair.squared_product);
  // A product too small for the small sketches is estimated as nothing, and nothing can be said.
  if (chosen.prediction.error < zero || zero == 0) return "";
  return fmt::format(
      " The product itself is only about {} of |A||B|: digests must be larger to be of use.",
      percent(zero));
}

std::string sentence_of_trust(const PairStatistics& pair) {
  if (!pair.matched_rows) return "";
  return fmt::format(
      " This is an estimate from the {} rows that both digests hold{}; codes of whole matrices are "
      "left out, as samples do not tell whether the rows of both are the same.",
      *pair.matched_rows, *pair.matched_rows < 30 ? ", too few to be relied on" : "");
}

std::string sentence_of_failure(const PairStatistics& pair, const Recommendation& r) {
  double least = INFINITY;
  std::string why;
  for (const Forecast& f : r.methods) {
    if (f.size > 0)
      return fmt::format(
          "What {} errs by depends on more than norms, so nothing is recommended (measure it).",
          f.method.name);
    const Index size = least_size(pair, f.method.spec);
    if (std::string found = obstacle(pair, f.method.spec); !found.empty())
      why = std::move(found);
    else
      least = std::min(least, predict(pair, digest::with_size(f.method.spec, size)).bytes);
  }
  if (least == INFINITY) return fmt::format("No method can be used: {}.", why);
  return r.budget.unit == Budget::Unit::kRows
             ? "No method takes digests of this size (choose another)."
             : fmt::format(
                   "No method fits {:.0f} bytes: the smallest digests take {:.0f}, most of it "
                   "names and header (choose a larger size).",
                   r.bytes, least);
}

bool is_exact(const PairStatistics& pair, const Forecast& chosen) {
  const auto* const sample = std::get_if<sampling::SampleSpec>(&chosen.method.spec);
  return sample != nullptr && !sample->values && share_of_rows(pair, chosen.method.spec) >= 1;
}

std::string sentence_for(const PairStatistics& pair, const Forecast& chosen) {
  switch (sort_of(chosen)) {
    case Sort::kSample: return sentence_for_sample(pair, chosen);
    case Sort::kSketch: return sentence_for_linear(pair);
    default: return sentence_for_codes(pair, chosen);
  }
}

}  // namespace

std::string reason_for(const PairStatistics& pair, const Recommendation& r) {
  if (!r.chosen) return sentence_of_failure(pair, r);
  const Forecast& chosen = r.methods[*r.chosen];
  const std::string trust = sentence_of_trust(pair);
  if (pair.a.norm == 0 || pair.b.norm == 0)
    return fmt::format("{} has no entry but zeros: the product is zero, and so is every estimate.",
                       pair.a.norm == 0 ? "A" : "B") +
           trust;
  if (pair.common.empty())
    return (pair.matched_rows ? "No row is in both digests: nothing can be told of the product."
                              : "No key is in both matrices: the product is zero, which every row "
                                "sample says exactly.") +
           trust;
  if (is_exact(pair, chosen))
    return sized(chosen) + " holds all rows that are not zero: the product is exact." + trust;
  const std::string why = sentence_for(pair, chosen);
  return sentence_of_errors(r, chosen) + (why.empty() ? "" : " " + why) +
         sentence_of_choice(r, chosen) + sentence_on_codes(pair, r, chosen) +
         sentence_of_use(pair, chosen) + trust;
}

}  // namespace prodigest::compare
