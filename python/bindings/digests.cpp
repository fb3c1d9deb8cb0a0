// Verbs on digests of any kind.

#include "digests.hpp"

#include "digest_class.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/linear/merge.hpp"
#include "prodigest/sampling/merge.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "rows.hpp"

namespace prodigest::python {
namespace {

using namespace nb::literals;
using digest::Digest;

// Weights go with weight=user alone: others would be computed, or ignored.
sampling::SampleSpec spec_of_user_weights(const digest::DigestSpec& spec) {
  const auto* const sample = std::get_if<sampling::SampleSpec>(&spec);
  if (sample == nullptr || sample->weight != sampling::Weight::kUser)
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("sketch: weights go with a spec of weight=user, got {}",
                            digest::to_text(spec)));
  return *sample;
}

Digest sketch(const Rows& rows, const std::string& spec, const RowIds& row_ids,
              const std::optional<Array1<const double>>& weights, const Schema& schema, int threads,
              nb::handle progress) {
  const RowsView view = view_of(rows);
  return run(threads, progress, [&](const Context& context) -> Digest {
    const digest::DigestSpec how = digest::parse_digest_spec(spec);
    if (!weights) return digest::sketch(view, how, span_of(row_ids), schema, context);
    return sampling::RowSampler(spec_of_user_weights(how), cols_of(view), schema)
        .finish(view, span_of(row_ids), span_of(*weights), context);
  });
}

template <class Kind>
void bind_merge(nb::module_& m) {
  m.def(
      "merge", [](const Kind& a, const Kind& b) { return merge(a, b); }, "a"_a, "b"_a,
      nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace

void bind_digests(nb::module_& m) {
  bind_rows(m);
  bind_keys(m);
  bind_samples(m);
  bind_sketches(m);
  bind_codes(m);
  bind_products(m);
  bind_streams(m);
  bind_container(m);

  m.def("sketch", &sketch, "rows"_a.noconvert(), "spec"_a, "row_ids"_a.noconvert(),
        "weights"_a.noconvert().none(), "schema"_a, "threads"_a, "progress"_a.none());
  bind_merge<sampling::RowSample>(m);
  bind_merge<linear::LinearSketch>(m);
  // What cannot be merged; the library says why.
  m.def(
      "merge",
      [](const Digest& a, const Digest& b) {
        return digest::merge(std::array{a, b});
      },
      "a"_a, "b"_a);
}

}  // namespace prodigest::python
