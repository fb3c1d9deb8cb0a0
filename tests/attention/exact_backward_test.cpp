#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "attention/exact_heads.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

template <Real T>
Inputs<T> backward(const AttentionSpec& spec, const Inputs<T>& x, const Matrix<T>& dout,
                   Setting setting = {}) {
  const Result<T> result = forward(spec, x, setting);
  HeadProblem<T> problem = problem_of(x.k, x.v, setting);
  problem.queries.emplace_back().q = rows_of<T>(x.q, "q");
  Inputs<T> d{Matrix<T>(x.q.rows, x.q.cols), Matrix<T>(x.k.rows, x.k.cols),
              Matrix<T>(x.v.rows, x.v.cols)};
  HeadGradients<T> gradients;
  gradients.k = d.k.view();
  gradients.v = d.v.view();
  gradients.queries.push_back({.out = result.out.view(),
                               .denominators = result.denominators,
                               .dout = rows_of<T>(dout, "dout"),
                               .q = d.q.view()});
  exact_backward(spec, problem, gradients);
  return d;
}

// Of the loss Σ dout ∘ out, whose gradient in share (i, j) is <dout_i, v_j>.
Inputs<double> naive_backward(const AttentionSpec& spec, const Inputs<double>& x,
                              const Matrix<double>& dout, Setting setting = {}) {
  const NaiveShares found = naive_shares(naive(spec, x, setting), x.q.rows, x.k.rows);
  Inputs<double> d{Matrix<double>(x.q.rows, x.q.cols), Matrix<double>(x.k.rows, x.k.cols),
                   Matrix<double>(x.v.rows, x.v.cols)};
  for (Index i = 0; i < x.q.rows; ++i) {
    double mean = 0;
    for (Index j = 0; j < x.k.rows; ++j) mean += found.shares(i, j) * dot(dout, i, x.v, j);
    for (Index j = 0; j < x.k.rows; ++j) {
      const double share = found.shares(i, j);
      for (Index c = 0; c < x.v.cols; ++c) d.v(j, c) += share * dout(i, c);
      if (share == 0) continue;
      // d log weight / d score
      const double slope = spec.kind == Kind::kSoftmax ? 1 : spec.degree / dot(x.q, i, x.k, j);
      const double dscore = share * slope * (dot(dout, i, x.v, j) - mean);
      for (Index c = 0; c < x.q.cols; ++c) {
        d.q(i, c) += dscore * x.k(j, c);
        d.k(j, c) += dscore * x.q(i, c);
      }
    }
  }
  return d;
}

TEST(ExactAttentionBackward, IsTheGradientOfItsDefinition) {
  struct Size {
    Index queries, keys, width, value_dim;
    Setting setting{};
  };
  const Setting whole{.causal = false};
  for_each_instruction_set([&] {
    for (const char* text : kExact)
      for (const auto& [queries, keys, width, value_dim, setting] :
           {Size{1, 1, 3, 2}, Size{65, 65, 9, 17}, Size{300, 300, 16, 4},
            Size{30, 140, 5, 5, whole}, Size{140, 30, 5, 5, whole},
            Size{40, 140, 6, 5, {.first_query = 100}}}) {
        SCOPED_TRACE(std::string(text) + ", " + std::to_string(queries));
        const AttentionSpec spec = parse_attention_spec(text);
        const Inputs<float> x = random_inputs<float>(queries, keys, width, value_dim);
        const Matrix<float> dout = rounded_to<float>(normals(queries, value_dim, 7));
        const Inputs<double> wide = widened(x);
        const Matrix<double> wide_dout = widened(dout);
        const Inputs<double> expected = naive_backward(spec, wide, wide_dout, setting);
        const Inputs<double> got = backward(spec, wide, wide_dout, setting);
        EXPECT_LE(largest_error(got.q.storage, expected.q.storage), 1e-12);
        EXPECT_LE(largest_error(got.k.storage, expected.k.storage), 1e-12);
        EXPECT_LE(largest_error(got.v.storage, expected.v.storage), 1e-12);
        const Inputs<float> single = backward(spec, x, dout, setting);
        EXPECT_LE(largest_error(single.q.storage, expected.q.storage), 2e-5);
        EXPECT_LE(largest_error(single.k.storage, expected.k.storage), 2e-5);
        EXPECT_LE(largest_error(single.v.storage, expected.v.storage), 2e-5);
      }
  });
}

TEST(ExactAttentionBackward, IsTheSlopeOfTheForwardPass) {
  for (const char* text : kExact)
    for (const bool causal : {true, false}) {
      const AttentionSpec spec = parse_attention_spec(text);
      const Setting setting{.causal = causal};
      Inputs<double> x = random_inputs(70, 70, 5, 3);
      const Matrix<double> dout = normals(70, 3, 7);
      const Inputs<double> got = backward(spec, x, dout, setting);
      const auto loss = [&] {
        const Result<double> result = forward(spec, x, setting);
        double sum = 0;
        for (std::size_t i = 0; i < dout.storage.size(); ++i)
          sum += dout.storage[i] * result.out.storage[i];
        return sum;
      };
      const auto expect_slopes = [&](Matrix<double>& of, const Matrix<double>& slopes) {
        for (std::size_t i = 0; i < of.storage.size(); i += 11) {
          const double at = of.storage[i], step = 1e-4;
          const auto difference = [&](double by) {
            of.storage[i] = at + by;
            const double up = loss();
            of.storage[i] = at - by;
            const double down = loss();
            of.storage[i] = at;
            return (up - down) / (2 * by);
          };
          // Two steps, so that the error is of fourth order.
          const double slope = (4 * difference(step) - difference(2 * step)) / 3;
          EXPECT_NEAR(slopes.storage[i], slope, 1e-8 * (1 + std::abs(slope))) << text << " " << i;
        }
      };
      expect_slopes(x.q, got.q);
      expect_slopes(x.k, got.k);
      expect_slopes(x.v, got.v);
    }
}

TEST(ExactAttentionBackward, OfAGroupOfHeadsIsTheSumOverThem) {
  for (const char* text : kExact) {
    const AttentionSpec spec = parse_attention_spec(text);
    const Inputs<double> x = random_inputs(90, 90, 5, 3);
    HeadProblem<double> problem = problem_of(x.k, x.v);
    Matrix<double> dk(90, 5), dv(90, 3);
    HeadGradients<double> gradients;
    gradients.k = dk.view();
    gradients.v = dv.view();
    std::vector<Matrix<double>> q, dq, dout;
    for (std::size_t a = 0; a < 3; ++a) {
      q.push_back(normals(90, 5, 20 + a));
      dout.push_back(normals(90, 3, 30 + a));
      dq.emplace_back(90, 5);
    }
    const auto results = group_forward(spec, q, x.k, x.v);
    for (std::size_t a = 0; a < 3; ++a) {
      problem.queries.emplace_back().q = rows_of<double>(q[a], "q");
      gradients.queries.push_back({.out = results[a].out.view(),
                                   .denominators = results[a].denominators,
                                   .dout = rows_of<double>(dout[a], "dout"),
                                   .q = dq[a].view()});
    }
    exact_backward(spec, problem, gradients);
    std::vector<double> sum_k(dk.storage.size()), sum_v(dv.storage.size());
    for (std::size_t a = 0; a < 3; ++a) {
      const Inputs<double> alone = backward<double>(spec, {q[a], x.k, x.v}, dout[a]);
      EXPECT_LE(largest_error(dq[a].storage, alone.q.storage), 1e-13);
      for (std::size_t i = 0; i < sum_k.size(); ++i) sum_k[i] += alone.k.storage[i];
      for (std::size_t i = 0; i < sum_v.size(); ++i) sum_v[i] += alone.v.storage[i];
    }
    EXPECT_LE(largest_error(dk.storage, sum_k), 1e-13);
    EXPECT_LE(largest_error(dv.storage, sum_v), 1e-13);
  }
}

TEST(ExactAttentionBackward, IsAddedToWhatIsThere) {
  const AttentionSpec spec = parse_attention_spec("softmax");
  const Inputs<double> x = random_inputs(3, 3, 2, 2);
  const Matrix<double> dout = normals(3, 2, 7);
  const Inputs<double> expected = backward(spec, x, dout);
  const Result<double> result = forward(spec, x);
  HeadProblem<double> problem = problem_of(x.k, x.v);
  problem.queries.emplace_back().q = rows_of<double>(x.q, "q");
  Inputs<double> d{Matrix<double>(3, 2), Matrix<double>(3, 2), Matrix<double>(3, 2)};
  for (Matrix<double>* m : {&d.q, &d.k, &d.v}) std::ranges::fill(m->storage, 5.0);
  HeadGradients<double> gradients;
  gradients.k = d.k.view();
  gradients.v = d.v.view();
  gradients.queries.push_back({.out = result.out.view(),
                               .denominators = result.denominators,
                               .dout = rows_of<double>(dout, "dout"),
                               .q = d.q.view()});
  exact_backward(spec, problem, gradients);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(d.q.storage[i], 5 + expected.q.storage[i], 1e-14);
    EXPECT_NEAR(d.k.storage[i], 5 + expected.k.storage[i], 1e-14);
    EXPECT_NEAR(d.v.storage[i], 5 + expected.v.storage[i], 1e-14);
  }
}

}  // namespace
}  // namespace prodigest::attention
