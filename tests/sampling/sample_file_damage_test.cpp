// Files that are broken by accident or on purpose.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <random>

#include "prodigest/base/error.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "expect_error.hpp"
#include "sampling/golden_samples.hpp"
#include "reference/forgery.hpp"

namespace prodigest::sampling {
namespace {

testing::AssertionResult refused_as_file(const Bytes& bytes) {
  return refused_by(row_sample_from, bytes);
}

TEST(DamagedSampleFile, IsRefusedWhereverItIsCutOff) {
  for (const auto& [name, sample] : golden_samples()) {
    const Bytes bytes = golden_bytes(name);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      ASSERT_TRUE(
          refused_as_file({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}))
          << name << " cut to " << size;
    Bytes longer = bytes;
    longer.push_back(std::byte{0});
    EXPECT_TRUE(refused_as_file(longer));
  }
}

TEST(DamagedSampleFile, IsRefusedWhicheverBitFlips) {
  for (const auto& [name, sample] : golden_samples()) {
    Bytes bytes = golden_bytes(name);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      for (int bit = 0; bit < 8; ++bit) {
        bytes[i] ^= std::byte{1} << bit;
        ASSERT_TRUE(refused_as_file(bytes)) << name << " byte " << i << " bit " << bit;
        bytes[i] ^= std::byte{1} << bit;
      }
  }
}

class ForgedSampleFile : public testing::Test {
 protected:
  void expect_refused(const std::string& golden, const std::string& words,
                      const std::function<void(Forgery&)>& change) {
    SCOPED_TRACE(words);
    Forgery forgery(golden_bytes(golden));
    EXPECT_EQ(forgery.bytes(), golden_bytes(golden)) << "the forger is clumsy";
    change(forgery);
    expect_refusal(ErrorCode::kFormat, words,
                   [&] { row_sample_from(io::Container::parse(forgery.bytes(), "a.pdg")); });
  }
  void expect_text_refused(const std::string& golden, const std::string& key,
                           const std::vector<std::string>& values, const std::string& words) {
    for (const std::string& value : values)
      expect_refused(golden, words, [&](Forgery& f) { f.text(key) = value; });
  }
};

const std::string kDense = "dense_priority", kSparse = "sparse_threshold", kUser = "user_weights",
                  kCoded = "coded_rows";

TEST_F(ForgedSampleFile, IsRefusedForItsRowIds) {
  const auto ids = [](std::vector<RowId> values) {
    return [=](Forgery& f) { f.put<RowId>("row_ids", values); };
  };
  expect_refused(kDense, "row ids must ascend", ids({3, 1, 4}));
  expect_refused(kDense, "row ids must ascend", ids({1, 1, 4}));
  expect_refused(kSparse, "the rank of a kept row must be below tau",
                 ids({1048577, 1048578, 1048581, 1048582}));
  expect_refused(kDense, "values", ids({1, 3}));
  expect_refused(kDense, "values", ids({1, 3, 4, 5}));
  expect_refused(kDense, "row_ids", [](Forgery& f) { f.put<std::int64_t>("row_ids", {1, 3, 4}); });
  expect_refused(kDense, "row_ids", [](Forgery& f) { f.put<RowId>("row_ids", {1, 3, 4}, {3, 1}); });
  expect_refused(kDense, "row_ids", [](Forgery& f) {
    std::erase_if(f.tensors, [](auto& t) { return t.name == "row_ids"; });
  });
}

TEST_F(ForgedSampleFile, IsRefusedForItsTau) {
  expect_text_refused(kDense, "tau", {"0.02", "0", "-1", "1e-300"}, "tau");
  expect_text_refused(kDense, "tau", {"nan", "", "abc", "0.1 ", "0x1p-3"}, "tau");
  expect_text_refused(kDense, "tau_row", {"-1", "1.5", "", "18446744073709551616"}, "tau_row");
}

TEST_F(ForgedSampleFile, IsRefusedForItsSizes) {
  expect_text_refused(kDense, "cols",
                      {"0", "1", "3", "2147483648", "9223372036854775808", "-2", "two"}, "a.pdg");
  expect_text_refused(kDense, "rows", {"2", "-1", "9223372036854775808"}, "rows");
  expect_text_refused(kDense, "nonzero_rows", {"7", "-1"}, "non");
  expect_refused(kDense, "a priority sample holds at most its size",
                 [](Forgery& f) { f.text("spec") = "priority:size=2,seed=42"; });
}

TEST_F(ForgedSampleFile, IsRefusedForItsSpec) {
  expect_text_refused(kDense, "spec",
                      {"", "priority", "priority:size=0", "priority:size=1", "lattice:size=3",
                       "priority:size=3,colour=red", "priority:size=3,seed=42,mixture=2",
                       "priority:size=3,size=3", "priority:size=99999999999999999999"},
                      "a.pdg");
  // another seed: the ranks say so
  expect_text_refused(kSparse, "spec", {"threshold:size=4,seed=1,weight=norm,totals=norm"},
                      "below tau");
  expect_text_refused(kDense, "spec", {"priority:size=3,seed=42,mixture=0.5"},
                      "weights must be positive and finite");
  expect_text_refused(
      kDense, "spec",
      {"priority:size=3,seed=42,weight=user", "priority:size=3,seed=42,weight=leverage"},
      "weights");
  expect_text_refused(kDense, "spec", {"threshold:size=3,seed=42"}, "weight");
}

TEST_F(ForgedSampleFile, IsRefusedForItsValues) {
  for (const double bad : {double(NAN), double(INFINITY), -double(INFINITY)})
    expect_refused(kDense, "values must be finite", [&](Forgery& f) {
      f.put<double>("values", {3, bad, 5, 7, -1e10, 1}, {3, 2});
    });
  expect_refused(kDense, "weights must be positive and finite", [](Forgery& f) {
    f.put<double>("values", {3, 1, 1e200, 7, 0, 1}, {3, 2});
  });
  expect_refused(kDense, "weights must be positive and finite", [](Forgery& f) {
    f.put<double>("values", {3, 1, 0, 0, 0, 1}, {3, 2});
  });
  expect_refused(kDense, "values", [](Forgery& f) {
    f.put<double>("values", {3, 1, 1, 2, 0, 1}, {2, 3});
  });
  expect_refused(kDense, "values", [](Forgery& f) {
    f.put<double>("values", {3, 1, 1, 2, 0, 1}, {6});
  });
  expect_refused(kDense, "type I8", [](Forgery& f) {
    f.put<std::int8_t>("values", {3, 1, 1, 2, 0, 1}, {3, 2});
  });
  expect_refused(kSparse, "type F64", [](Forgery& f) {
    f.put<double>("values", {1, 2, 3, 4, 5, 6, 7, 8});
  });
  expect_refused(kSparse, "sparse values must be finite and not zero", [](Forgery& f) {
    f.put<float>("values", {1, 2, 3, 0, 5, 6, 7, 8});
  });
  expect_refused(kSparse, "sparse values must be finite and not zero", [](Forgery& f) {
    f.put<float>("values", {1, 2, 3, NAN, 5, 6, 7, 8});
  });
  expect_text_refused(kDense, "value_type", {"f16", "", "F64"}, "value_type must be f32 or f64");
}

TEST_F(ForgedSampleFile, IsRefusedForItsColumns) {
  const auto columns = [&](std::vector<std::uint16_t> values, const std::string& words) {
    expect_refused(kSparse, words, [&](Forgery& f) { f.put<std::uint16_t>("columns", values); });
  };
  columns({0, 300, 6, 292, 15, 295, 18, 296}, "columns of a row must ascend within [0, cols)");
  columns({290, 0, 6, 292, 15, 295, 18, 296}, "columns of a row must ascend within [0, cols)");
  columns({6, 6, 6, 292, 15, 295, 18, 296}, "columns of a row must ascend within [0, cols)");
  columns({0, 290}, "values");
  columns({0, 290, 6, 292, 15, 295, 18, 296, 297}, "values");
  expect_refused(kSparse, "columns of a row must ascend within [0, cols)", [](Forgery& f) {
    f.put<std::uint32_t>("columns", {0, 0xffffffffu, 6, 292, 15, 295, 18, 296});
  });
  expect_refused(kSparse, "type F32", [](Forgery& f) {
    f.put<float>("columns", {0, NAN, 6, 292, 15, 295, 18, 1e30f});
  });
  const auto sizes = [&](std::vector<std::uint16_t> values, const std::string& words) {
    expect_refused(kSparse, words, [&](Forgery& f) { f.put<std::uint16_t>("row_sizes", values); });
  };
  sizes({2, 2, 2, 3}, "row_sizes must add up to 8 values");
  sizes({2, 2, 2, 1}, "row_sizes must add up to 8 values");
  sizes({65535, 65535, 65535, 65535}, "row_sizes must add up to 8 values");
  sizes({2, 2, 4}, "row_sizes");
  expect_refused(kSparse, "type F64", [](Forgery& f) {
    f.put<double>("row_sizes", {2, 1e300, -1e300, 2});
  });
  expect_refused(kSparse, "row_sizes", [](Forgery& f) {
    std::erase_if(f.tensors, [](auto& t) { return t.name == "row_sizes"; });
  });
}

TEST_F(ForgedSampleFile, IsRefusedForItsWeights) {
  for (const double bad : {double(NAN), double(INFINITY), 0.0, -1.0})
    expect_refused(kUser, "weights must be positive and finite", [&](Forgery& f) {
      f.put<double>("weights", {2, bad, 0.25});
    });
  expect_refused(kUser, "the rank of a kept row must be below tau", [](Forgery& f) {
    f.put<double>("weights", {2, 1e-3, 0.25});
  });
  expect_refused(kUser, "weights", [](Forgery& f) { f.put<double>("weights", {2, 1}); });
  expect_refused(kUser, "weights", [](Forgery& f) {
    std::erase_if(f.tensors, [](auto& t) { return t.name == "weights"; });
  });
}

TEST_F(ForgedSampleFile, IsRefusedForItsCodes) {
  expect_text_refused(kCoded, "spec",
                      {"priority:size=5,seed=42,weight=uniform,values=lattice:F3",
                       "priority:size=5,seed=42,weight=uniform,values=lattice:I8"},
                      "columns and codes must be as many as the sizes of coded rows say");
  expect_text_refused(kCoded, "spec", {"priority:size=5,seed=42,weight=uniform"}, "values");
  expect_text_refused(kDense, "spec", {"priority:size=3,seed=42,values=lattice:F4"},
                      "squared_norms");
  expect_refused(kCoded, "columns and codes must be as many",
                 [](Forgery& f) { f.put<std::uint8_t>("codes", {1, 2, 3}); });
  expect_refused(kCoded, "codes", [](Forgery& f) { f.put<std::int8_t>("codes", {1, 2, 3}); });
  expect_refused(kCoded, "columns and codes must be as many",
                 [](Forgery& f) { f.put<std::uint8_t>("columns", {7, 30, 69}); });
  for (const std::vector<std::uint8_t>& columns :
       {std::vector<std::uint8_t>{7, 30, 70, 11}, {30, 7, 69, 11}, {7, 7, 69, 11}})
    expect_refused(kCoded, "columns of a coded row must ascend within [0, cols)",
                   [&](Forgery& f) { f.put<std::uint8_t>("columns", columns); });
  expect_refused(kCoded, "sizes of coded rows must be in [0, cols]",
                 [](Forgery& f) { f.put<std::uint8_t>("row_sizes", {71, 3, 1, 0}); });
  expect_refused(kCoded, "row_sizes",
                 [](Forgery& f) { f.put<std::uint8_t>("row_sizes", {70, 3, 1}); });
  for (const double bad : {double(NAN), double(INFINITY), -1.0, 1e-320, 1e300})
    expect_refused(kCoded, "squared norms of coded rows must be 0 or in [2^-1022, 2^960]",
                   [&](Forgery& f) { f.put<double>("squared_norms", {4970, bad, 1, 0}); });
  constexpr std::uint16_t kNoNoises[] = {0x7C00, 0x7E00, 0x9C00};  // infinity, NaN, below 0
  for (const std::uint16_t bad : kNoNoises)
    expect_refused(kCoded, "noises of coded rows must be half-precision numbers from 0 on",
                   [&](Forgery& f) {
                     f.put<std::uint16_t>("noises", {bad, 0, 0, 0});
                     f.tensor("noises").dtype = io::DType::kF16;
                   });
  expect_refused(kCoded, "noises of 4 half-precision numbers",
                 [](Forgery& f) { f.put<float>("noises", {0, 0, 0, 0}); });
  // floats that decode to infinity
  expect_refused(kCoded, "coded values of row 3 are beyond the largest float", [](Forgery& f) {
    f.put<double>("squared_norms", {1e200, 5.25, 0.5625, 0});
  });
}

TEST_F(ForgedSampleFile, IsRefusedForItsTotals) {
  expect_text_refused(kDense, "squared_norm", {"nan", "inf", "1e20 nan", "abc", "1e20,5", "1e999"},
                      "squared_norm must be a sum");
  expect_text_refused(kDense, "squared_norm", {"-1e20"}, "must not be negative");
  expect_text_refused(kUser, "weight", {"-3.25"}, "must not be negative");
  expect_text_refused(kUser, "weight", {"3.25 x"}, "weight must be a sum");
  expect_refused(kDense, "column sums must be finite", [](Forgery& f) {
    f.put<double>("column_sums", {1, NAN}, {1, 2});
  });
  expect_refused(kDense, "column_sums", [](Forgery& f) {
    f.put<double>("column_sums", {1, 2, 3}, {1, 3});
  });
  // a few bytes that ask for a hundred gigabytes
  expect_refused(kDense, "column_sums must have a row", [](Forgery& f) {
    f.text("cols") = "2147483647";
    f.put<RowId>("row_ids", {});
    f.tensor("row_ids").shape = {0};
    f.put<double>("values", {}, {0, 2147483647});
    f.put<double>("column_sums", {}, {0, 2147483647});
  });
}

TEST_F(ForgedSampleFile, IsRefusedForItsNames) {
  expect_refused(kUser, "column names must be as many as columns", [](Forgery& f) {
    f.put<std::uint8_t>("column_names", {'a', 0});
  });
  expect_refused(kUser, "must end with a zero byte", [](Forgery& f) {
    f.put<std::uint8_t>("column_names", {'a', 0, 'b'});
  });
  expect_text_refused(kUser, "key_encoding", {"", "TYPED", "both"},
                      "key_encoding must be typed or text");
}

TEST_F(ForgedSampleFile, IsRefusedForWhatIsMissing) {
  for (const auto& [name, sample] : golden_samples()) {
    const Forgery whole(golden_bytes(name));
    for (const auto& [key, value] : whole.metadata) {
      Forgery forgery(golden_bytes(name));
      std::erase_if(forgery.metadata, [&](const auto& entry) { return entry.first == key; });
      EXPECT_TRUE(refused_as_file(forgery.bytes())) << name << " without " << key;
    }
    for (const io::Tensor& tensor : whole.tensors) {
      if (tensor.name == "column_names" || tensor.name == "key_names")
        continue;  // nobody needs names
      Forgery forgery(golden_bytes(name));
      std::erase_if(forgery.tensors, [&](const io::Tensor& t) { return t.name == tensor.name; });
      EXPECT_TRUE(refused_as_file(forgery.bytes())) << name << " without " << tensor.name;
    }
  }
}

// Anything at all in the metadata and the tensors, with correct checksums: refused, or a sample
// that can be used and written. Sanitizers watch.
TEST_F(ForgedSampleFile, NeverCrashesWhateverItsMetadataAndTensorsSay) {
  std::mt19937_64 engine(91);
  const auto random = [&](std::size_t below) { return static_cast<std::size_t>(engine() % below); };
  const std::vector<std::string> kValues = {
      "",
      "0",
      "1",
      "2",
      "3",
      "-1",
      "18446744073709551615",
      "9223372036854775807",
      "2147483647",
      "nan",
      "inf",
      "-inf",
      "1e308",
      "5e-324",
      "f32",
      "f64",
      "text",
      "typed",
      "priority:size=3",
      "threshold:size=9223372036854775807",
      "threshold:size=1,tau=plain",
      "priority:size=5,seed=42,weight=uniform,values=lattice:F3",
      "priority:size=2,weight=uniform",
      "priority:size=3,weight=user",
      "threshold:size=5,mixture=0.5,mean=1e-300",
      "priority:size=4,weight=ridge_leverage,ridge=1e308,totals=none",
      "1 1 1",
      " ",
      "1e308 1e308 1e308"};
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    Forgery forgery(golden_bytes(std::vector{kDense, kSparse, kUser, kCoded}[random(4)]));
    for (std::size_t changes = 1 + random(3); changes > 0; --changes) {
      if (random(2) == 0) {
        std::string& value = forgery.metadata[random(forgery.metadata.size())].second;
        if (random(3) == 0 && !value.empty())
          value[random(value.size())] = "0123456789-+.,:= ef"[random(19)];
        else
          value = kValues[random(kValues.size())];
      } else {
        io::Tensor& tensor = forgery.tensors[random(forgery.tensors.size())];
        forgery.storage.push_back(
            std::make_unique<Bytes>(tensor.bytes.begin(), tensor.bytes.end()));
        Bytes& bytes = *forgery.storage.back();
        if (!bytes.empty()) bytes[random(bytes.size())] ^= std::byte{1} << random(8);
        tensor.bytes = bytes;
        const io::DType same_size[] = {io::DType::kF32, io::DType::kU32, io::DType::kI32};
        if (random(4) == 0 && io::dtype_size(tensor.dtype) == 4)
          tensor.dtype = same_size[random(3)];
        if (random(4) == 0) std::ranges::reverse(tensor.shape);
      }
    }
    try {
      const RowSample sample = row_sample_from(io::Container::parse(forgery.bytes()));
      ++accepted;
      row_sample_from(io::Container::parse(to_bytes(sample)));
    } catch (const Error& error) {
      ASSERT_TRUE(error.code() == ErrorCode::kFormat || error.code() == ErrorCode::kUnsupported)
          << error.what();
    }
  }
  EXPECT_GT(accepted, 200);  // else the changes are too wild to test what lies behind
  EXPECT_LT(accepted, 19000);
}

}  // namespace
}  // namespace prodigest::sampling
