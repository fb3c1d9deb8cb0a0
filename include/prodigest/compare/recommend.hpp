#pragma once
/// Which method suits two matrices.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "prodigest/compare/budget.hpp"
#include "prodigest/compare/predict.hpp"

namespace prodigest::compare {

/// A method whose size is still open.
struct Method {
  std::string name;         ///< e.g. "priority:weight=norm"
  digest::DigestSpec spec;  ///< of any size
};

/// Reads "priority:weight=norm": a spec without size.
/// @throws Error{kInvalidArgument}, also if a size is given
Method parse_method(std::string_view text);

/// The methods that recommend chooses from, those that rather be taken first: srht only where rows
/// are numbered, samples of coded rows only where rows are long enough, lattice codes only where both
/// sides have the same rows and 2 bits for every entry are fewer than those rows take. None has a
/// bias.
std::vector<Method> default_methods(const PairStatistics& pair);
/// And those that err as one of them does, but take longer or longer words (osnap, sign, gaussian,
/// the other 4-bit codes), and what is in common use: int4 by column, int4 by groups of 32.
std::vector<Method> all_methods(const PairStatistics& pair);

/// A method at a budget.
struct Forecast {
  Method method;   ///< its spec with the size filled in
  Index size = 0;  ///< 0: no digest is so small
  Prediction prediction;
};

struct Recommendation {
  Budget budget{};
  double bytes = 0;  ///< of the budget; of the chosen digests for Budget::Unit::kRows
  std::vector<Forecast> methods{};      ///< all that were considered, in the order given
  std::optional<std::size_t> chosen{};  ///< place in `methods`; nothing if none fits
  std::string reason{};                 ///< two or three sentences
};

/// The method of least predicted error. One that comes within 5 % of it and stands before it in
/// `methods` is taken instead: the default order puts the simpler and safer first.
/// @param methods default_methods(pair) if empty
Recommendation recommend(const PairStatistics& pair, const Budget& budget,
                         std::span<const Method> methods = {});

/// From two digests, without the matrices.
/// @throws Error{kUnsupported} unless both are row samples: linear sketches do not hold rows
Recommendation recommend(const digest::Digest& a, const digest::Digest& b, const Budget& budget,
                         const Context& context = {});

}  // namespace prodigest::compare
