// Files of all kinds come back as what they were; others are told apart.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "digest/small_digests.hpp"
#include "expect_error.hpp"
#include "io/digest_fields.hpp"

namespace prodigest::digest {
namespace {

namespace fs = std::filesystem;

// A digest file with this kind and these metadata.
io::Container container(std::string_view kind, const io::Metadata& metadata = {}) {
  return io::Container::parse(io::container_bytes(kind, metadata, {}), "x.pdg");
}

TEST(DigestFile, OfEveryMethodIsReadBackByteForByte) {
  const fs::path path =
      fs::path(testing::TempDir()) / ("prodigest_digest_" + std::to_string(::getpid()) + ".pdg");
  for (const std::string& spec : specs()) {
    const Digest digest = small_digest(spec);
    const Digest parsed = digest_from(io::Container::parse(to_bytes(digest)));
    EXPECT_EQ(parsed.index(), digest.index()) << spec;
    EXPECT_EQ(to_bytes(parsed), to_bytes(digest)) << spec;
    save(digest, path);
    EXPECT_EQ(to_bytes(load(path)), to_bytes(digest)) << spec;
  }
  fs::remove(path);
}

TEST(DigestFile, RemembersThatAColumnOfOnesWasAdded) {
  const Matrix<double> a = small_matrix();
  for (const std::string& spec : specs())
    for (const bool presence : {false, true}) {
      const Digest digest =
          sketch(a.view(), parse_digest_spec(spec), {}, Schema{.presence = presence});
      const Digest back = digest_from(io::Container::parse(to_bytes(digest)));
      EXPECT_EQ(schema_of(back).presence, presence) << spec;
    }
}

TEST(DigestFile, OfAKindThatIsNotKnownIsUnsupported) {
  expect_error(ErrorCode::kUnsupported,
               "x.pdg: expected a digest of kind row_sample, linear_sketch or lattice_codes, got "
               "attention_maps "
               "(a newer prodigest may know it)",
               [] { digest_from(container("attention_maps")); });
}

TEST(DigestFile, OfAKnownKindWithoutItsContentsIsAFormatError) {
  for (const char* const kind : {"row_sample", "linear_sketch", "lattice_codes"})
    expect_refusal(ErrorCode::kFormat, "x.pdg", [&] { digest_from(container(kind)); });
}

TEST(DigestFile, WithAnotherWordForPresenceIsAFormatError) {
  expect_error(ErrorCode::kFormat, "x.pdg: presence must be added, got \"maybe\"", [] {
    io::read_schema(container("row_sample", {{"key_encoding", "typed"}, {"presence", "maybe"}}));
  });
}

TEST(DigestFile, ThatIsNotThereIsAnIoError) {
  expect_refusal(ErrorCode::kIo, "none.pdg", [] { load("no-such-folder/none.pdg"); });
  expect_refusal(ErrorCode::kIo, "none.pdg",
                 [] { save(small_digest("sign:size=4"), "no-such-folder/none.pdg"); });
}

}  // namespace
}  // namespace prodigest::digest
