#pragma once
/// Nearest points of the lattices Zⁿ, Dₙ (D₄ among them) and E8, and Voronoi codes of E8. Conway and
/// Sloane, "Fast quantizing and decoding algorithms for lattice quantizers and codes", IEEE-IT 1982.

#include <array>
#include <cstdint>
#include <span>

namespace prodigest::coding {

using Point8 = std::array<double, 8>;

/// Rounds each coordinate; halves go to the even neighbour.  @shape x, point: [n]
void nearest_zn(std::span<const double> x, std::span<double> point);

/// Nearest vector of integers with an even sum: rounds, and if the sum is odd moves the coordinate
/// that was rounded furthest (the first of them) to its other neighbour.  @shape x, point: [n]
void nearest_dn(std::span<const double> x, std::span<double> point);

/// Nearest point of E8 = D8 ∪ (D8 + ½): one rounding pass. With a = |x - round(x)|, S its sum and p0,
/// p1 the parities of Σround(x), Σfloor(x), the half coset is nearer exactly if
/// 2 - S + p1 2 min a - p0 (1 - 2 max a) < 0.
/// @guarantee exact to the rounding of that expression for |x_i| < 2^51; from there on doubles have
/// no halves
Point8 nearest_e8(const Point8& x);

/// The least g with x in g V, V the closed Voronoi cell of E8: max over its 240 roots v of <x, v>, from
/// two maxima, a sum and a parity.
double e8_gauge(const Point8& x);

/// Twice a point of E8: integers.
using Doubled = std::array<int, 8>;
/// A point of E8 modulo q E8: 8 labels in [0, q).
using Labels = std::array<int, 8>;

/// Labels of a point in the basis (½)⁸, e_i + e_8 (i = 2..7), 2 e_8.  @param q >= 2
Labels e8_labels(const Doubled& point, int q);

/// The point of least norm with these labels; integers only, so the same everywhere. Where several
/// are as short: the integer coset before the half coset; in the integer coset the last of the
/// largest coordinates is moved, in the half coset the first of the smallest (both are counted in
/// the integer coset before it is moved), a 0 downwards.  @param labels in [0, q)
/// |2x_i| <= 2q.
Doubled e8_representative(const Labels& labels, int q);

}  // namespace prodigest::coding
