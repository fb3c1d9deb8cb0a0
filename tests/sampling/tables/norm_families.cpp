// Prints how errors, their estimates and bounds behave in six families of norms, the figures of the
// README's promises; about ten seconds.

#include <cmath>
#include <cstdio>

#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/families.hpp"
#include "reference/matrices.hpp"

int main() {
  using namespace prodigest;
  using namespace prodigest::sampling;
  constexpr int kSeeds = 3000;
  constexpr Index kSize = 100;
  std::printf("n=2000, k=%d, %d seeds\n", static_cast<int>(kSize), kSeeds);
  std::printf("%-14s %-10s %8s %8s %12s %14s %14s\n", "family", "method", "bound", "apriori",
              "width/aprio", "estimate2/MSE", "MSE(k-1)/F2");
  for (int which = 0; which < kFamilies; ++which) {
    const Family family = norm_family(which, 2000);
    SampleSpec all{.size = family.a.rows, .seed = {}};
    const RowSample a = sample_rows(family.a.view(), all), b = sample_rows(family.b.view(), all);
    const Matrix<double> truth = estimate_product(a, b).value;
    for (const Method method : {Method::kPriority, Method::kThreshold}) {
      double bound = 0, apriori = 0, width = 0, squares = 0, estimates = 0;
      for (int trial = 0; trial < kSeeds; ++trial) {
        const SampleSpec spec{.method = method, .size = kSize, .seed = {static_cast<std::uint64_t>(trial)}};
        const ProductEstimate w =
            estimate_product(sample_rows(family.a.view(), spec), sample_rows(family.b.view(), spec));
        double square = 0;
        for (std::size_t i = 0; i < truth.storage.size(); ++i)
          square += std::pow(w.value.storage[i] - truth.storage[i], 2);
        const FrobeniusError& error = w.frobenius_error;
        bound += std::sqrt(square) <= error.bound;
        apriori += std::sqrt(square) <= error.apriori;
        width += error.bound / error.apriori;
        squares += square;
        estimates += error.estimated * error.estimated;
      }
      std::printf("%-14s %-10s %8.4f %8.4f %12.3f %14.3f %14.3f\n", family.name.c_str(),
                  method == Method::kPriority ? "priority" : "threshold", bound / kSeeds,
                  apriori / kSeeds, width / kSeeds, estimates / squares,
                  squares / kSeeds * (kSize - 1) / (*a.squared_norm() * *b.squared_norm()));
    }
  }
}
