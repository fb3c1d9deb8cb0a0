// Digests of rows that come a block at a time.

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <mutex>

#include "digests.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/lattice/encoder.hpp"
#include "prodigest/linear/sketcher.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "rows.hpp"
#include "run.hpp"

namespace prodigest::python {
namespace {

using namespace nb::literals;

/// What takes rows until it is finished; one call at a time, as Python's lock is not held meanwhile.
template <class Maker>
class Stream {
 public:
  explicit Stream(Maker maker) : maker_(std::move(maker)) {}

  /// Rows done so far.
  Index rows() const { return rows_; }

  template <class F>
  auto use(F&& f) {
    const std::scoped_lock lock(busy_);
    if (!maker_)
      throw Error(ErrorCode::kInvalidArgument,
                  "finish() was called before, and nothing can be added (make a new one)");
    return f(*maker_);
  }
  void done(Index rows) { rows_ += rows; }
  auto finish() {
    return use([this](Maker& maker) {
      auto digest = std::move(maker).finish();
      maker_.reset();
      return digest;
    });
  }

 private:
  std::optional<Maker> maker_;
  Index rows_ = 0;
  std::mutex busy_;
};

template <class Spec>
Spec spec_of(const std::string& text, const char* what) {
  digest::DigestSpec spec = digest::parse_digest_spec(text);
  if (auto* const found = std::get_if<Spec>(&spec)) return *found;
  throw Error(ErrorCode::kInvalidArgument, fmt::format("expected the spec of {}, got {}", what, text));
}

template <class Maker>
void update(Stream<Maker>& stream, const Rows& rows, const RowIds& row_ids, bool named, RowId first_row,
            const std::optional<Array1<const double>>& weights, int threads) {
  const RowsView view = view_of(rows);
  run(threads, nb::none(), [&](const Context& context) {
    stream.use([&](Maker& maker) {
      if constexpr (std::same_as<Maker, sampling::RowSampler>) {
        if (weights) {
          maker.update(view, span_of(row_ids), span_of(*weights), context);
          return stream.done(rows_of(view));
        }
      }
      if (named)
        maker.update(view, span_of(row_ids), context);
      else
        maker.update(view, first_row, context);
      stream.done(rows_of(view));
    });
  });
}

template <class Maker, class Spec>
nb::class_<Stream<Maker>> bind_rows_stream(nb::module_& m, const char* name, const char* what) {
  using S = Stream<Maker>;
  return nb::class_<S>(m, name)
      .def("__init__", [what](S* self, const std::string& spec, Index cols, const Schema& schema) {
             new (self) S(Maker(spec_of<Spec>(spec, what), cols, schema));
           }, "spec"_a, "cols"_a, "schema"_a)
      .def_prop_ro("rows", &S::rows, "Rows so far.")
      .def("update", &update<Maker>, "rows"_a.noconvert(), "row_ids"_a.noconvert(), "named"_a, "first_row"_a,
           "weights"_a.noconvert().none(), "threads"_a)
      .def("finish", &S::finish, nb::call_guard<nb::gil_scoped_release>());
}

using Encoder = Stream<lattice::LatticeEncoder>;

void append(Encoder& stream, const Rows& rows, bool vectors, int threads) {
  const RowsView view = view_of(rows);
  run(threads, nb::none(), [&](const Context& context) {
    stream.use([&](lattice::LatticeEncoder& encoder) {
      vectors ? encoder.append_vectors(view, context) : encoder.append(view, context);
    });
  });
}

}  // namespace

void bind_streams(nb::module_& m) {
  bind_rows_stream<sampling::RowSampler, sampling::SampleSpec>(
      m, "RowSampler", "a sample, such as priority:size=1000");
  bind_rows_stream<linear::LinearSketcher, linear::LinearSpec>(
      m, "LinearSketcher", "a linear sketch, such as countsketch:size=1000");
  nb::class_<Encoder>(m, "LatticeEncoder")
      .def("__init__", [](Encoder* self, const std::string& spec, Index rows) {
             new (self) Encoder(lattice::LatticeEncoder(
                 spec_of<lattice::LatticeSpec>(spec, "codes, such as lattice:format=F4"), rows));
           }, "spec"_a, "rows"_a)
      .def_prop_ro("cols", [](Encoder& stream) {
             return stream.use([](lattice::LatticeEncoder& encoder) { return encoder.cols(); });
           }, "Columns so far.")
      .def("append", &append, "rows"_a.noconvert(), "vectors"_a, "threads"_a)
      .def("snapshot", [](Encoder& stream) {
             return stream.use([](lattice::LatticeEncoder& encoder) { return encoder.snapshot(); });
           }, nb::call_guard<nb::gil_scoped_release>())
      .def("finish", &Encoder::finish, nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace prodigest::python
