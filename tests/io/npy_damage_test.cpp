#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "io/npy_bytes.hpp"
#include "io/npy_reader.hpp"
#include "io/reading.hpp"

namespace prodigest::io {
namespace {

AllRows read(const std::string& bytes) {
  const auto reader = npy_rows(memory_stream("a.npy", as_byte_vector(bytes)), {});
  return read_all(*reader);
}

AllRows read_file(const std::filesystem::path& path) {
  const auto reader = open_npy(path, {});
  return read_all(*reader);
}

TEST(NpyDamage, EveryTruncationIsRefused) {
  for (const char* name : {"f8.npy", "f4.npy", "i8_fortran.npy", "vector.npy"}) {
    const std::string bytes = golden_bytes(name);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      expect_error(ErrorCode::kFormat, {"a.npy"}, [&] { read(bytes.substr(0, size)); });
    }
  }
}

TEST(NpyDamage, ATruncatedFileIsToldBothSizes) {
  const std::string bytes = golden_bytes("f8.npy");
  expect_error(ErrorCode::kFormat,
               {"expected 120 bytes", "shape (5, 3)", "got 119", "copy it again"},
               [&] { read(bytes.substr(0, bytes.size() - 1)); });
  const TemporaryFile file("a.npy", bytes.substr(0, bytes.size() - 20));
  expect_error(ErrorCode::kFormat, {"expected 120 bytes", "got 100"},
               [&] { read_file(file.path()); });
}

TEST(NpyDamage, BytesAfterTheArrayAreRefused) {
  const std::string bytes = golden_bytes("f8.npy");
  expect_error(ErrorCode::kFormat, {"expected 120 bytes", "got 121", "one array"},
               [&] { read(bytes + "x"); });
  const TemporaryFile packed("a.npy.gz", gzipped(bytes + "x"));
  expect_error(ErrorCode::kFormat, {"expected 120 bytes", "got 121 or more"},
               [&] { read_file(packed.path()); });
}

TEST(NpyDamage, TruncatedGzipIsRefused) {
  for (const char* name : {"f8.npy", "i8_fortran.npy"}) {
    const std::string packed = gzipped(golden_bytes(name));
    for (std::size_t size = 0; size < packed.size(); ++size) {
      const TemporaryFile file("a.npy.gz", packed.substr(0, size));
      expect_error(ErrorCode::kFormat, {"a.npy.gz"}, [&] { read_file(file.path()); });
    }
  }
}

// A changed header is refused, or describes as many bytes as there are.
TEST(NpyDamage, EveryChangeOfAHeaderByteIsRefusedOrHarmless) {
  for (const char* name : {"f4.npy", "i8_fortran.npy"}) {
    const std::string bytes = golden_bytes(name);
    int refused = 0;
    for (std::size_t place = 0; place < 128; ++place) {
      for (int value = 0; value < 256; ++value) {
        std::string changed = bytes;
        changed[place] = static_cast<char>(value);
        try {
          const AllRows all = read(changed);
          const std::size_t elements = all.values.storage.size();
          const std::size_t size = bytes.size() - 128;
          EXPECT_TRUE(elements > 0 && size % elements == 0) << place << " " << value;
        } catch (const Error&) {
          ++refused;
        }
      }
    }
    EXPECT_GT(refused, 128 * 200);
  }
}

TEST(NpyDamage, AHeaderThatClaimsTooMuchDoesNotClaimTheMemory) {
  const Index huge = Index{1} << 50;
  for (const std::string dtype : {"<f8", "<i4"}) {
    for (const std::vector<Index>& shape :
         std::vector<std::vector<Index>>{{1, huge}, {huge, 1}, {huge}, {256, huge / 256}}) {
      for (const bool fortran_order : {false, true}) {
        const std::string bytes = npy_bytes(dtype, shape, std::vector<double>(4), fortran_order);
        expect_error(ErrorCode::kFormat, {"got 32"}, [&] { read(bytes); });
        const TemporaryFile packed("a.npy.gz", gzipped(bytes));
        expect_error(ErrorCode::kFormat, {"got 32"}, [&] { read_file(packed.path()); });
      }
    }
  }
  const AllRows none = read(npy_bytes("<f8", {0, Index{1} << 62}, std::vector<double>()));
  EXPECT_EQ(none.values.rows, 0);
}

TEST(NpyDamage, APipeIsReadOnce) {
  const TemporaryFile file("a.npy", "");
  for (const char* name : {"f8.npy", "i8_fortran.npy"}) {
    std::filesystem::remove(file.path());
    ASSERT_EQ(mkfifo(file.path().c_str(), 0600), 0);
    std::thread writer([&] { std::ofstream(file.path(), std::ios::binary) << golden_bytes(name); });
    const auto reader = open_npy(file.path(), {});
    EXPECT_EQ(read_all(*reader).values, read(golden_bytes(name)).values);
    writer.join();
    if (std::string(name) == "f8.npy") {
      expect_error(ErrorCode::kUnsupported, {"a.npy", "pipe"}, [&] { reader->rewind(); });
    }
  }
}

}  // namespace
}  // namespace prodigest::io
