#include "kernel/exact_rows.hpp"

#include <algorithm>

#include "core/gemm.hpp"
#include "core/parallel.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kKeysAtOnce = 256;
constexpr Index kRowsOfGroup = kLanes * kMostVectors;

}  // namespace

ExactRows exact_rows(const GaussianPlan& plan, std::span<const Index> places,
                     MatrixView<const float> x, bool with_sums, const Context& context) {
  const Index count = std::ssize(places), n = plan.keys(), dim = plan.points.dim;
  std::vector<Index> starts{0};
  while (starts.back() < count) starts.push_back(std::min(count, starts.back() + kRowsOfGroup));
  const QueryPanels panels(plan.points.of_queries(), places, starts);
  ExactRows out{.products = Matrix<double>(count, x.cols),
                .sums = std::vector<double>(with_sums ? places.size() : 0)};
  parallel_blocks(context, panels.groups(), 1, [&](Index group, Index) {
    const Index first = starts[group], rows = starts[group + 1] - first;
    std::vector<float> values(static_cast<std::size_t>(kKeysAtOnce * kRowsOfGroup));
    AlignedMatrix<float> products(panels.lanes(group), x.cols);
    panels.for_panels(group, [&](const QueryPanel& panel, Index) {
      const Index lanes = panel.lanes();
      for (Index key = 0; key < n; key += kKeysAtOnce) {
        const Index some = std::min(kKeysAtOnce, n - key);
        const KeyList keys{plan.key_rows.data() + key, plan.points.keys.offsets.data() + key, some};
        kernel_values(panel, keys, dim, values.data());
        multiply_transposed(MatrixView<const float>(values.data(), some, lanes),
                            x.slice(key, some), products.view(), {.threads = 1});
        for (Index r = 0; r < rows; ++r)
          for (Index c = 0; c < x.cols; ++c)
            out.products(first + r, c) += double{products.view()(r, c)};
        if (!with_sums) continue;
        for (Index j = 0; j < some; ++j)
          for (Index r = 0; r < rows; ++r)
            out.sums[first + r] += double{values[j * lanes + r]};
      }
    });
  });
  return out;
}

}  // namespace prodigest::kernel
