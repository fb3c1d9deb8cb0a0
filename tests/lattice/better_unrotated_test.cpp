#include <gtest/gtest.h>

#include <cmath>

#include "lattice/codes.hpp"
#include "lattice/inputs.hpp"
#include "prodigest/lattice/product.hpp"

namespace prodigest::lattice {
namespace {

// Words fall off like 1 / rank; a document of the matrix is a row, and a column a word.
Matrix<double> tf_idf_matrix(Normals& normals, Index documents, Index words) {
  Matrix<double> matrix(documents, words);
  for (Index i = 0; i < documents; ++i)
    for (Index j = 0; j < words; ++j)
      if (const double share = 0.2 / static_cast<double>(j + 1); normals.uniform() < share)
        matrix(i, j) = (1 - std::log(normals.uniform())) * -std::log(share);
  return matrix;
}

TEST(BetterUnrotated, AreColumnsThatAreSparseOrNearlySo) {
  Normals normals(5);
  const Matrix<double> tf_idf = tf_idf_matrix(normals, 2000, 100);
  EXPECT_TRUE(better_unrotated(tf_idf.view()));
  const CsrMatrix<double> sparse = csr_of(tf_idf);
  EXPECT_TRUE(better_unrotated(sparse.view()));
  EXPECT_TRUE(better_unrotated(converted<float>(sparse_matrix(normals, 3000, 20, 0.02)).view()));
  for (const InputPair& pair : hard_pairs())
    EXPECT_EQ(better_unrotated(pair.a.view()), pair.name == "one-hot") << pair.name;
}

TEST(BetterUnrotated, AreNotDenseColumns) {
  Normals normals(6);
  Matrix<double> a = normal_matrix(normals, 3000, 20);
  EXPECT_FALSE(better_unrotated(a.view()));
  EXPECT_FALSE(better_unrotated(csr_of(a).view()));
  for (double& x : a.storage) x = x > 0 ? 1 : -1;
  EXPECT_FALSE(better_unrotated(a.view()));
  for (double& x : a.storage) x = 7;
  EXPECT_FALSE(better_unrotated(a.view()));
  EXPECT_FALSE(better_unrotated(Matrix<double>(50, 3).view()));
  EXPECT_FALSE(better_unrotated(Matrix<double>(0, 3).view()));
}

// It is worth it: the product of groups, not rotated, is the nearer one where it says so.
TEST(BetterUnrotated, IsRightAboutProducts) {
  Normals normals(7);
  std::vector<InputPair> pairs = hard_pairs();
  pairs.emplace_back("tf-idf", tf_idf_matrix(normals, 2000, 64), tf_idf_matrix(normals, 2000, 64));
  for (const InputPair& pair : pairs) {
    const auto error_of = [&](const char* options) {
      const LatticeCodes a = codes_of(pair.a.view(), options), b = codes_of(pair.b.view(), options);
      return distortion(estimate_product(a, b), pair);
    };
    const bool unrotated = error_of("format=group4") < error_of("format=F4");
    EXPECT_EQ(unrotated, better_unrotated(pair.a.view())) << pair.name;
  }
}

}  // namespace
}  // namespace prodigest::lattice
