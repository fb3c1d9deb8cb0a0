#pragma once
/// How well AᵀB can be known from R bits an entry: the limit that codes are held against.
/// Ordentlich and Polyanskiy, "Optimal quantization for matrix multiplication", arXiv 2410.13780;
/// derivations and corrections are in docs/theory/lattice.md.
///
/// A is n x d, B is n x m, and errors are E||W - AᵀB||²_F / (n d m) for entries that are independent
/// standard normals. Rates are bits an entry, >= 0; functions of rates and scales throw
/// Error{kInvalidArgument} on negative and non-finite ones.

namespace prodigest::coding {

/// R*, the root of R = log2(1 + 4 R ln 2) / 2: 0.906323537... Below it the best codes keep a part of
/// the coordinates at rate R* and drop the rest.
double critical_rate();

/// Gamma(R): 2·4^-R - 16^-R from R* on, the straight line from (0, 1) to (R*, Gamma(R*)) below. No
/// pair of encoders of R bits an entry does better, for any n, d, m.
double gamma(double rate);

/// The rate at which gamma is `error`.
/// @throws Error{kInvalidArgument} unless 0 < error <= 1
double rate_for(double error);

/// 4^-R1 + 4^-R2 - 4^-(R1 + R2): two ideal Gaussian test channels at unequal rates, no coordinate
/// dropped.
double test_channel(double rate_a, double rate_b);

/// Two matrices, their columns centred.
struct ProductScale {
  double n = 0;                ///< rows, >= 1
  double squared_norm_a = 0;   ///< ||A||²_F
  double squared_norm_b = 0;   ///< ||B||²_F
  double squared_product = 0;  ///< ||AᵀB||²_F
};

/// What ideal random codes reach for these very matrices, E||W - AᵀB||²_F:
/// ||AᵀB||² G² + ||A||² ||B||² (G - G²) / n with G = gamma(R).
double universal_bound(const ProductScale& scale, double rate);
/// The same at unequal rates: G = test_channel(R1, R2).
double universal_bound(const ProductScale& scale, double rate_a, double rate_b);
/// Divided by 1 - G, so without bias: ||A||² ||B||² G / (1 - G) / n. Better than universal_bound
/// wherever ||AᵀB||² exceeds (2 - G) / (1 - G) times ||A||² ||B||² / n; for independent entries 14 %
/// worse at R = 2, 0.8 % at R = 4.
/// @throws Error{kInvalidArgument} at rate 0: nothing is known without bias from 0 bits
double unbiased_bound(const ProductScale& scale, double rate);
/// B exact: ||AᵀB||² δ² + ||A||² ||B||² (δ - δ²) / n with δ = 4^-R. No transition.
double one_sided_bound(const ProductScale& scale, double rate);

}  // namespace prodigest::coding
