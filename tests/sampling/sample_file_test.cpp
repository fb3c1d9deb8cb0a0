#include "prodigest/sampling/sample_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "prodigest/base/version.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "expect_error.hpp"
#include "sampling/golden_samples.hpp"
#include "reference/matrices.hpp"

namespace prodigest::sampling {
namespace {

namespace fs = std::filesystem;

RowSample read_back(const RowSample& sample) {
  return row_sample_from(io::Container::parse(to_bytes(sample), "a.pdg"));
}

// All that a sample consists of, one by one; totals by their rounded values.
void expect_equal(const RowSample& got, const RowSample& expected) {
  EXPECT_EQ(got.spec(), expected.spec());
  EXPECT_EQ(got.schema(), expected.schema());
  EXPECT_EQ(got.cols(), expected.cols());
  EXPECT_EQ(got.rows(), expected.rows());
  EXPECT_TRUE(std::ranges::equal(got.row_ids(), expected.row_ids()));
  EXPECT_TRUE(std::ranges::equal(got.weights(), expected.weights()));
  EXPECT_EQ(got.parts().rows, expected.parts().rows);
  EXPECT_EQ(got.squared_norms(), expected.squared_norms());
  EXPECT_EQ(got.tau(), expected.tau());
  EXPECT_EQ(got.parts().tau_row, expected.parts().tau_row);
  EXPECT_EQ(got.totals().nonzero_rows, expected.totals().nonzero_rows);
  EXPECT_EQ(got.squared_norm(), expected.squared_norm());
  EXPECT_EQ(got.totals().weight.expansion(), expected.totals().weight.expansion());
  ASSERT_EQ(got.totals().column_sums.size(), expected.totals().column_sums.size());
  for (std::size_t c = 0; c < got.totals().column_sums.size(); ++c)
    EXPECT_EQ(got.totals().column_sums[c].expansion(),
              expected.totals().column_sums[c].expansion());
}

void expect_round_trip(const RowSample& sample) {
  const RowSample read = read_back(sample);
  expect_equal(read, sample);
  EXPECT_EQ(to_bytes(read), to_bytes(sample));
}

TEST(SampleFile, KeepsEverySpecAndEveryForm) {
  Normals normals(81);
  const Matrix<double> dense = heavy_matrix(normals, 60, 5),
                       thin = sparse_matrix(normals, 60, 300, 0.03);
  const Matrix<float> dense_floats = converted<float>(dense), thin_floats = converted<float>(thin);
  for (const char* spec : {"priority:size=10", "threshold:size=10", "threshold:size=10,tau=plain"})
    for (const char* options :
         {"", ",seed=18446744073709551615", ",weight=norm", ",weight=uniform",
          ",weight=uniform,totals=full", ",weight=leverage", ",weight=ridge_leverage,ridge=0.1",
          ",mixture=0.1", ",weight=leverage,mixture=0.7", ",totals=none", ",totals=full",
          ",values=F4", ",values=F4pair,weight=norm", ",values=F4fast", ",values=F3",
          ",values=F2,weight=uniform", ",values=I8"})
      for (const RowsView& view : {RowsView(dense.view()), RowsView(dense_floats.view()),
                                   RowsView(thin.view()), RowsView(thin_floats.view())}) {
        SCOPED_TRACE(std::string(spec) + options + " form " + std::to_string(view.index()));
        expect_round_trip(sample_rows(view, parse_sample_spec(std::string(spec) + options)));
      }
}

TEST(SampleFile, KeepsSmallAndCompleteSamples) {
  Normals normals(82);
  for (const char* text : {"priority:size=10", "threshold:size=10", "threshold:size=10,tau=plain",
                           "priority:size=10,values=F4"}) {
    const SampleSpec spec = parse_sample_spec(text);
    for (const Index rows : {0, 1, 9, 10, 11}) {
      const Matrix<double> a = normal_matrix(normals, rows, 3);
      expect_round_trip(sample_rows(a.view(), spec));
    }
    expect_round_trip(sample_rows(Matrix<double>(20, 3).view(), spec));  // rows of zeros
  }
}

TEST(SampleFile, KeepsNamesKeysAndUserWeights) {
  const Matrix<double> a(4, 2);
  const Schema schemas[] = {{},
                            {.columns = {"", ""}},
                            {.columns = {"größe", "a\nb,\"c\""}, .key = {"country", "", "year"}},
                            {.columns = {}, .key = {"id"}, .key_encoding = KeyEncoding::kText}};
  for (const Schema& schema : schemas) {
    RowSampler sampler(parse_sample_spec("priority:size=3,weight=user"), 2, schema);
    sampler.update(a.view(), numbers(4, 1000), std::vector<double>{0.1, 1e-300, 1e280, 3});
    expect_round_trip(std::move(sampler).finish());
  }
}

TEST(SampleFile, KeepsValuesOfEveryWidth) {
  // whole numbers to 255 are stored in a byte, doubles that a float holds in four
  for (const std::vector<double>& values : {std::vector<double>{0, 1, 255, 7},
                                            {256, 1, 2, 3},
                                            {-1, 0, 1, 2},
                                            {0.5, 1e30, -3, 4},
                                            {0.1, 1, 2, 3},
                                            {1e-150, 1e-140, 1, 1},
                                            {1e100, 1e-140, 1, 1}})
    for (const Index cols : {1, 2, 4}) {
      Matrix<double> a(4 / cols, cols);
      a.storage = values;
      expect_round_trip(sample_rows(a.view(), parse_sample_spec("priority:size=3")));
    }
  for (const Index cols : {255, 256, 257, 65535, 65536, 65537, 100000}) {
    CsrMatrix<double> a;
    a.cols = cols;
    a.columns = {0, static_cast<std::int32_t>(cols - 1), static_cast<std::int32_t>(cols / 2)};
    a.values = {1.0, 2.0, 3.0};
    a.row_start = {0, 2, 3};
    expect_round_trip(sample_rows(a.view(), parse_sample_spec("priority:size=3,totals=norm")));
  }
}

TEST(SampleFile, KeepsSumsExactly) {
  Matrix<double> a(3, 2);
  a.storage = {1e100, 0x1p-500, 1, 1, -1e100, 1e-30};
  const RowSample read =
      read_back(sample_rows(a.view(), parse_sample_spec("threshold:size=2,totals=full")));
  EXPECT_EQ(read.totals().column_sums[0].rounded(), 1);
  EXPECT_EQ(read.totals().column_sums[1].expansion(), (std::vector<double>{1, 1e-30, 0x1p-500}));
  EXPECT_GT(read.totals().squared_norm.expansion().size(), 1u);
}

TEST(SampleFile, KeepsScaledMatrices) {
  Normals normals(83);
  for (const double scale : {0x1p-500, 0x1p-100, 0x1p100, 0x1p470}) {
    Matrix<double> a = normal_matrix(normals, 30, 3);
    for (double& x : a.storage) x *= scale;
    for (const char* spec :
         {"priority:size=10", "threshold:size=10", "priority:size=10,weight=norm",
          "priority:size=10,values=F4"})
      expect_round_trip(sample_rows(a.view(), parse_sample_spec(spec)));
  }
}

TEST(SampleFile, IsSavedAndLoaded) {
  const fs::path path =
      fs::path(testing::TempDir()) / ("sample_" + std::to_string(::getpid()) + ".pdg");
  const RowSample sample = golden_samples()[0].expected;
  save(sample, path);
  expect_equal(load_row_sample(path), sample);
  fs::remove(path);
  expect_refusal(ErrorCode::kIo, path.filename(), [&] { load_row_sample(path); });
}

TEST(SampleFile, IsNotMuchLargerThanItsRows) {
  Normals normals(84);
  const Matrix<float> a = converted<float>(normal_matrix(normals, 2000, 50));
  const RowSample sample =
      sample_rows(a.view(), parse_sample_spec("priority:size=1000,totals=norm"));
  // values, row ids and at most 2 kB around them; weights are computed again
  EXPECT_LT(to_bytes(sample).size(), 1000u * (50 * 4 + 8) + 2048);
}

TEST(SampleFile, OfAnotherKindIsRefused) {
  const io::Container other =
      io::Container::parse(io::container_bytes("lattice_codes", {}, {}), "a.pdg");
  expect_refusal(ErrorCode::kFormat,
                 "a.pdg: expected a digest of kind row_sample, got lattice_codes",
                 [&] { row_sample_from(other); });
}

TEST(SampleFile, RefusesNamesThatItCannotWrite) {
  expect_refusal(ErrorCode::kInvalidArgument, "names must not hold a zero byte", [] {
    RowSampler(parse_sample_spec("priority:size=3"), 1, {.columns = {std::string("a\0b", 3)}})
        .finish();
  });
}

TEST(GoldenFiles, HoldWhatTheyHeldAndAreWrittenAgainToTheByte) {
  for (const auto& [name, expected] : golden_samples()) {
    SCOPED_TRACE(name);
    const std::vector<std::byte> bytes = golden_bytes(name);
    ASSERT_GT(bytes.size(), 0u);
    EXPECT_LT(bytes.size(), 2000u);
    const io::Container container = io::Container::open(golden_path(name));
    const RowSample read = row_sample_from(container);
    expect_equal(read, expected);
    EXPECT_EQ(to_bytes(read), to_bytes(expected));
    // the header names its writer, so a later version writes other bytes
    EXPECT_TRUE(to_bytes(read) == bytes ||
                container.writer() != std::string("prodigest ") + kVersion);
  }
}

// What the files hold, in numbers that a few lines of Python found, Philox and all.
TEST(GoldenFiles, HoldTheseNumbers) {
  const auto ids = [](const RowSample& s) {
    return std::vector<RowId>(s.row_ids().begin(), s.row_ids().end());
  };
  const auto weights = [](const RowSample& s) {
    return std::vector<double>(s.weights().begin(), s.weights().end());
  };

  const RowSample dense = load_row_sample(golden_path("dense_priority"));
  EXPECT_EQ(to_text(dense.spec()), "priority:size=3,seed=42,totals=full");
  EXPECT_EQ(dense.schema(), Schema());
  EXPECT_EQ(dense.rows(), 6);
  EXPECT_EQ(dense.totals().nonzero_rows, 5);
  EXPECT_EQ(*dense.squared_norm(), 1e20);
  EXPECT_EQ(dense.totals().column_sums[0].rounded(), -9999999991.6);
  EXPECT_EQ(dense.totals().column_sums[1].rounded(), 6.701);
  EXPECT_EQ(ids(dense), (std::vector<RowId>{1, 3, 4}));
  EXPECT_EQ(weights(dense), (std::vector<double>{9.000001, 74, 1e20}));
  EXPECT_EQ(dense.tau(), 0.1480972994786666);
  EXPECT_EQ(dense.parts().tau_row, 0u);
  EXPECT_EQ(std::get<Matrix<double>>(dense.parts().rows).storage,
            (std::vector<double>{3, 1e-3, 5, 7, -1e10, 1}));

  const RowSample sparse = load_row_sample(golden_path("sparse_threshold"));
  EXPECT_EQ(to_text(sparse.spec()), "threshold:size=4,seed=18446744073709551615,weight=norm");
  EXPECT_EQ(sparse.schema().key, (std::vector<std::string>{"country", "year"}));
  EXPECT_EQ(sparse.schema().key_encoding, KeyEncoding::kText);
  EXPECT_EQ(sparse.cols(), 300);
  EXPECT_EQ(sparse.rows(), 8);
  EXPECT_EQ(ids(sparse), (std::vector<RowId>{1048576, 1048578, 1048581, 1048582}));
  EXPECT_EQ(weights(sparse), (std::vector<double>{0.5099019516515143, 1.5033296379364118,
                                                  3.0016662040103697, 3.5014282800448764}));
  EXPECT_DOUBLE_EQ(sparse.tau(), 0.22188863631439382);
  const auto& rows = std::get<CsrMatrix<float>>(sparse.parts().rows);
  EXPECT_EQ(rows.row_start, (std::vector<Index>{0, 2, 4, 6, 8}));
  EXPECT_EQ(rows.columns, (std::vector<std::int32_t>{0, 290, 6, 292, 15, 295, 18, 296}));
  EXPECT_EQ(rows.values, (std::vector<float>{0.5f, -0.1f, 1.5f, -0.1f, 3, -0.1f, 3.5f, -0.1f}));

  const RowSample user = load_row_sample(golden_path("user_weights"));
  EXPECT_EQ(to_text(user.spec()), "threshold:size=10,seed=0,tau=plain,weight=user");
  EXPECT_EQ(user.schema().columns, (std::vector<std::string>{"größe", "n"}));
  EXPECT_EQ(user.tau(), 10 / 3.25);
  EXPECT_EQ(*user.squared_norm(), 65315);
  EXPECT_EQ(ids(user), (std::vector<RowId>{1, 7, 18446744073709551615u}));
  EXPECT_EQ(weights(user), (std::vector<double>{2, 1, 0.25}));
  EXPECT_EQ(dense_of(user.values()).storage, (std::vector<double>{0, 0, 255, 17, 1, 0}));

  const RowSample coded = load_row_sample(golden_path("coded_rows"));
  EXPECT_EQ(to_text(coded.spec()), "priority:size=5,seed=42,weight=uniform,values=lattice:F4");
  EXPECT_TRUE(coded.single_precision());
  EXPECT_EQ(coded.squared_norms(), (std::vector<double>{4970, 5.25, 0.5625, 0}));
  const Matrix<double> decoded = dense_of(coded.values());
  const double full[] = {-15.489089, -4.710704, -11.831773, -6.257168,
                         -15.562439, -10.550185, 7.577469, 8.56362};
  for (Index j = 0; j < 8; ++j) EXPECT_NEAR(decoded(0, j), full[j], 2e-6);
  EXPECT_NEAR(decoded(0, 69), 7.461332, 2e-6);
  EXPECT_NEAR(decoded(1, 7), 0.936914, 1e-6);
  EXPECT_NEAR(decoded(1, 30), -2.027814, 1e-6);
  EXPECT_NEAR(decoded(1, 69), 0.514907, 1e-6);
  EXPECT_EQ(decoded(2, 11), -0.75);
  EXPECT_EQ(std::ranges::count(decoded.storage, 0), 4 * 70 - 74);
}

TEST(GoldenFiles, DISABLED_WriteGoldenFiles) {
  for (const auto& [name, expected] : golden_samples())
    if (!fs::exists(golden_path(name))) save(expected, golden_path(name));
}

}  // namespace
}  // namespace prodigest::sampling
