// Lattice codes against the two peers that multiply coded vectors on a CPU: ggml's Q4_0 and
// NestedLatticeLut, on the same data in one run, speed and error. They are not part of this tree:
//   git clone https://github.com/ggml-org/ggml && cmake -S ggml -B ggml/build
//   -DBUILD_SHARED_LIBS=OFF
//     -DGGML_OPENMP=OFF && cmake --build ggml/build
//   git clone https://github.com/orimeirgit/NestedLatticeLut
//   cmake -DPRODIGEST_GGML_DIR=.../ggml -DPRODIGEST_NESTED_LATTICE_LUT_DIR=.../NestedLatticeLut ...
// Usage: bench_peers [--quick] [--json FILE]

#include <cblas.h>
#include <fmt/format.h>
#include <ggml-cpu.h>
#include <ggml.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "harness.hpp"
#include "prodigest/coding/rate_distortion.hpp"
#include "prodigest/lattice/encoder.hpp"
#include "prodigest/lattice/product.hpp"

extern "C" {
#include <decoder.h>
#include <encoder.h>
#include <lut.h>
std::uint16_t get_D4_beta_for_index(std::uint8_t);
}

namespace {

using namespace prodigest;
using bench::Case;

constexpr Index kLength = 4096;

Matrix<float> normal_vectors(Index count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  Matrix<float> vectors(count, kLength);
  std::ranges::generate(vectors.storage, [&] { return normal(engine); });
  return vectors;
}

lattice::LatticeCodes codes_of(const Matrix<float>& vectors, const std::string& spec) {
  const lattice::LatticeSpec parsed = lattice::parse_lattice_spec(spec);
  lattice::LatticeEncoder encoder(parsed, kLength);
  encoder.append_vectors(vectors.view());
  return std::move(encoder).finish();
}

// Vectors as blocks of a ggml type.
class GgmlVectors {
 public:
  GgmlVectors(const Matrix<float>& vectors, ggml_type type)
      : type_(type), row_bytes_(ggml_row_size(type, kLength)) {
    bytes_.resize(row_bytes_ * static_cast<std::size_t>(vectors.rows));
    const auto& traits = *ggml_get_type_traits_cpu(type);
    for (Index i = 0; i < vectors.rows; ++i)
      traits.from_float(vectors.view().row_data(i),
                        bytes_.data() + static_cast<std::size_t>(i) * row_bytes_, kLength);
  }
  const std::byte* row(Index i) const {
    return bytes_.data() + static_cast<std::size_t>(i) * row_bytes_;
  }
  std::vector<float> decoded(Index i) const {
    std::vector<float> out(kLength);
    ggml_get_type_traits(type_)->to_float(row(i), out.data(), kLength);
    return out;
  }
  double bits() const { return 8.0 * static_cast<double>(row_bytes_) / kLength; }

 private:
  ggml_type type_;
  std::size_t row_bytes_;
  std::vector<std::byte> bytes_;
};

// Vectors as groups of NestedLatticeLut, `count` of them taken in turn from those that were coded:
// its encoder takes seconds for a million entries.
class LutVectors {
 public:
  LutVectors(const Matrix<float>& vectors, Index count) {
    constexpr std::size_t kGroups = kLength / ENCODED_VECTOR_DIM;
    groups_.resize(static_cast<std::size_t>(count) * kGroups);
    norms_.resize(static_cast<std::size_t>(count));
    for (Index i = 0; i < count; ++i) {
      EncodedVectorGroup* const own = groups_.data() + static_cast<std::size_t>(i) * kGroups;
      if (i < vectors.rows) {
        EncodedVectorGroup* coded = nullptr;
        encode_float_vector(vectors.view().row_data(i), kLength, &coded,
                            &norms_[static_cast<std::size_t>(i)]);
        std::memcpy(own, coded, kGroups * sizeof(EncodedVectorGroup));
        std::free(coded);
      } else {
        std::memcpy(own, groups_.data() + static_cast<std::size_t>(i % vectors.rows) * kGroups,
                    kGroups * sizeof(EncodedVectorGroup));
        norms_[static_cast<std::size_t>(i)] = norms_[static_cast<std::size_t>(i % vectors.rows)];
      }
      rows_.push_back(own);
    }
  }
  const EncodedVectorGroup** rows() { return rows_.data(); }
  float norm(Index i) const { return norms_[static_cast<std::size_t>(i)]; }

 private:
  std::vector<EncodedVectorGroup> groups_;
  std::vector<float> norms_;
  std::vector<const EncodedVectorGroup*> rows_;
};

class Lut {
 public:
  Lut() : table_(init_inner_product_lut()) {
    for (std::uint8_t i = 0; i < 4; ++i)
      for (std::uint8_t j = 0; j < 4; ++j)
        betas_[i << 2 | j] =
            static_cast<std::uint16_t>(get_D4_beta_for_index(i) * get_D4_beta_for_index(j));
  }
  ~Lut() { std::free(table_); }
  Lut(const Lut&) = delete;
  Lut& operator=(const Lut&) = delete;
  float operator()(LutVectors& a, Index i, LutVectors& b, Index j) const {
    const EncodedVectorGroup *x = a.rows()[i], *y = b.rows()[j];
    return lut_inner_product_for_vector_of_groups(
        &x, &y, table_, 0, kLength, betas_, float{BETA_FACTOR} * BETA_FACTOR, a.norm(i), b.norm(j));
  }

 private:
  std::int8_t* table_;
  std::uint16_t betas_[16];
};

// ||W - A Bᵀ||² / (n a b) of normal vectors.
template <class Product>
double distortion(const Matrix<float>& a, const Matrix<float>& b, const Product& product) {
  double sum = 0;
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < b.rows; ++j) {
      double exact = 0;
      for (Index t = 0; t < kLength; ++t) exact += static_cast<double>(a(i, t)) * b(j, t);
      sum += std::pow(product(i, j) - exact, 2);
    }
  return sum / (kLength * static_cast<double>(a.rows * b.rows));
}

void errors(bench::Report& report) {
  const Matrix<float> a = normal_vectors(96, 1), b = normal_vectors(96, 2);
  const auto tell = [&](const std::string& name, double bits, double d) {
    report.fact(fmt::format("D / gamma, {} ({:.3f} bits)", name, bits), d / coding::gamma(bits),
                "");
  };
  for (const char* const format : {"F4", "F4pair", "F4fast"}) {
    const auto left = codes_of(a, fmt::format("lattice:format={}", format));
    const auto right = codes_of(b, fmt::format("lattice:format={}", format));
    const Matrix<double> w = estimate_product(left, right).value;
    tell(fmt::format("prodigest {}", format), left.bits_per_entry(),
         distortion(a, b, [&](Index i, Index j) { return w(i, j); }));
  }
  const GgmlVectors qa(a, GGML_TYPE_Q4_0), qb(b, GGML_TYPE_Q4_0);
  std::vector<std::vector<float>> da, db;
  for (Index i = 0; i < a.rows; ++i) {
    da.push_back(qa.decoded(i));
    db.push_back(qb.decoded(i));
  }
  tell("ggml Q4_0, both sides", qa.bits(), distortion(a, b, [&](Index i, Index j) {
         double sum = 0;
         for (std::size_t t = 0; t < kLength; ++t)
           sum += static_cast<double>(da[static_cast<std::size_t>(i)][t]) *
                  db[static_cast<std::size_t>(j)][t];
         return sum;
       }));
  const Lut lut;
  LutVectors la(a, a.rows), lb(b, b.rows);
  tell("NestedLatticeLut", 4.5 + 32.0 / kLength,
       distortion(a, b, [&](Index i, Index j) { return lut(la, i, lb, j); }));
}

void products_with_a_vector(bench::Report& report, Index count, int rounds) {
  const Matrix<float> vectors = normal_vectors(count, 3), query = normal_vectors(1, 4);
  const std::span<const float> y(query.storage);
  std::vector<float> out(static_cast<std::size_t>(count));
  const double entries = static_cast<double>(count * kLength);
  std::vector<Case> cases;
  cases.push_back({"OpenBLAS sgemv",
                   [&] {
                     cblas_sgemv(CblasRowMajor, CblasNoTrans, static_cast<int>(count), kLength, 1,
                                 vectors.storage.data(), kLength, y.data(), 1, 0, out.data(), 1);
                     bench::keep(out[0]);
                   },
                   entries});
  std::vector<lattice::LatticeCodes> codes;
  std::vector<lattice::CodesOperator> operators;
  constexpr const char* kFormats[] = {"F4", "F4pair", "F4fast", "I8"};
  for (const char* const format : kFormats)
    codes.push_back(codes_of(vectors, fmt::format("lattice:format={}", format)));
  for (const auto& each : codes) operators.emplace_back(each);
  for (std::size_t f = 0; f < codes.size(); ++f)
    cases.push_back({fmt::format("prodigest {}", kFormats[f]),
                     [&, f] {
                       operators[f].apply(y, out, Context{.threads = 1});
                       bench::keep(out[0]);
                     },
                     entries});
  const GgmlVectors q4(vectors, GGML_TYPE_Q4_0);
  const auto& traits = *ggml_get_type_traits_cpu(GGML_TYPE_Q4_0);
  cases.push_back({"ggml Q4_0 x Q8_0",
                   [&] {
                     const GgmlVectors q8(query, traits.vec_dot_type);
                     for (Index i = 0; i < count; ++i)
                       traits.vec_dot(kLength, &out[static_cast<std::size_t>(i)], 0, q4.row(i), 0,
                                      q8.row(0), 0, 1);
                     bench::keep(out[0]);
                   },
                   entries});
  const Lut lut;
  LutVectors left(normal_vectors(64, 5), count), right(query, 1);
  cases.push_back({"NestedLatticeLut",
                   [&] {
                     for (Index i = 0; i < count; ++i)
                       out[static_cast<std::size_t>(i)] = lut(left, i, right, 0);
                     bench::keep(out[0]);
                   },
                   entries});
  report.group(fmt::format("{} vectors of {} by one vector, one thread", count, kLength), cases,
               rounds);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv);
  openblas_set_num_threads(1);
  ggml_cpu_init();
  bench::Report report("Lattice codes and their peers");
  errors(report);
  products_with_a_vector(report, arguments.quick ? 4096 : 32768, arguments.quick ? 5 : 15);
  report.write_json(arguments.json);
}
