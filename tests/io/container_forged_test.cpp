// Digest files made by hand, by no code of the library, with correct checksums and wrong contents.

#include "expect_error.hpp"
#include "io/container_refusal.hpp"

namespace prodigest::io {
namespace {

struct Forged {
  std::string version = "1.0";
  std::string own = R"("prodigest.kind":"k","prodigest.crc32":"@@@@@@@@")";
  std::string tensors = {};  // each begins with a comma
  std::string end = "}";
  std::string payload = {};

  Bytes bytes() const {
    return sealed(
        R"({"__metadata__":{"prodigest.format":")" + version + "\"," + own + "}" + tensors + end,
        payload);
  }
};

const std::string kEight = "12345678";

Forged with_crc(const std::string& tensors, const std::string& payload = kEight) {
  Forged forged;
  forged.own += ",\"prodigest.crc32.x\":\"" + crc(kEight) + "\"";
  forged.tensors = tensors;
  forged.payload = payload;
  return forged;
}

Bytes with_tensors(const std::string& tensors, const std::string& payload = kEight) {
  return with_crc(tensors, payload).bytes();
}

Bytes one_tensor(const std::string& fields) { return with_tensors(",\"x\":{" + fields + "}"); }

TEST(ContainerForged, HandMadeFilesAreReadIfTheyAreCorrect) {
  EXPECT_FALSE(refusal(Forged{}.bytes()));
  const Bytes bytes = one_tensor(R"("dtype":"F64","shape":[1],"data_offsets":[0,8])");
  ASSERT_FALSE(refusal(bytes));
  EXPECT_EQ(Container::parse(bytes).values<double>("x", {1}).size(), 1u);
  // the order of the keys is free, and white space is allowed
  EXPECT_FALSE(refusal(one_tensor(R"( "data_offsets" : [0, 8], "shape":[2,1,2],"dtype":"BF16")")));
  EXPECT_FALSE(refusal(one_tensor(R"("dtype":"F64","shape":[1],"\u0064ata_offsets":[0,8])")));
}

TEST(ContainerForged, NewerMajorsAreNamedAndNewerMinorsAreRead) {
  expect_refused(Forged{.version = "2.0"}.bytes(),
                 "written by a newer prodigest (format 2.0), this one reads 1.x",
                 ErrorCode::kUnsupported);
  expect_refused(Forged{.version = "10.3"}.bytes(), "format 10.3", ErrorCode::kUnsupported);
  EXPECT_FALSE(refusal(Forged{.version = "1.9"}.bytes()));
  for (const std::string version : {"", "1", "1.", ".1", "01.0", "0.9", "1.0.0", "1.x", "-1.0",
                                    "1.99999999999999999999", "1 .0"}) {
    expect_refused(Forged{.version = version}.bytes(), "unknown format");
  }
}

TEST(ContainerForged, UnknownFeaturesAreRefusedAndUnknownEntriesAreNot) {
  Forged forged{.version = "1.7"};
  forged.own += R"(,"prodigest.colour":"red","n":"1")";
  ASSERT_FALSE(refusal(forged.bytes()));
  EXPECT_EQ(Container::parse(forged.bytes()).metadata(), (Metadata{{"n", "1"}}));
  Forged known = forged;
  known.own += R"(,"prodigest.requires":"coded_values")";
  EXPECT_EQ(Container::parse(known.bytes()).feature(), "coded_values");
  forged.own += R"(,"prodigest.requires":"zstd")";
  expect_refused(forged.bytes(), "needs the feature \"zstd\"", ErrorCode::kUnsupported);
}

TEST(ContainerForged, FeaturesAreWrittenAndUnknownOnesAreNot) {
  EXPECT_EQ(Container::parse(container_bytes("a", {}, {}, "coded_values")).feature(),
            "coded_values");
  EXPECT_EQ(Container::parse(container_bytes("a", {}, {})).feature(), "");
  expect_refusal(ErrorCode::kInvalidArgument, "\"zstd\" is no feature of the format",
                 [] { container_bytes("a", {}, {}, "zstd"); });
}

TEST(ContainerForged, ForeignFilesAreNamed) {
  const auto foreign = [](const std::string& text, const std::string& meaning) {
    expect_refused(bytes_of(text), "a.pdg: not a prodigest digest: " + meaning);
  };
  foreign("", "it is empty");
  foreign("store,size\n1,2\n", "it is text");
  foreign("short", "it is text");
  foreign("%%MatrixMarket matrix coordinate real general\n", "it is a Matrix Market file");
  foreign("\x93NUMPY\x01", "it is a .npy array");
  foreign("PK\x03\x04zip", "it is a zip archive");
  foreign("\x1f\x8b\x08", "it is gzip-compressed");
  foreign(std::string(1000, '\0'), "it begins otherwise");
  foreign(text_of(sealed(R"({"x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}})", kEight)),
          "it looks like an ordinary safetensors file");
  foreign(text_of(sealed(R"({"__metadata__":{"format":"pt"}})")),
          "it looks like an ordinary safetensors file");
}

TEST(ContainerForged, HeaderLengthsAreBounded) {
  const Bytes good = with_tensors(R"(,"x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})");
  const auto with_length = [&](std::uint64_t length) {
    Bytes bytes = good;
    std::memcpy(bytes.data(), &length, 8);
    return bytes;
  };
  for (const std::uint64_t length : {std::uint64_t{1} << 63, ~std::uint64_t{0},
                                     ~std::uint64_t{0} - 7, (std::uint64_t{1} << 20) + 1}) {
    expect_refused(with_length(length), "header: at most 1048576 bytes expected");
  }
  expect_refused(with_length(1 << 20), "cut off inside the header");
  expect_refused(with_length(good.size()), "cut off inside the header");
  expect_refused(with_length(57), "must end at a multiple of 64");
  expect_refused(with_length(0), "must end at a multiple of 64");
  expect_refused(with_length(56), "header: has no checksum");
}

TEST(ContainerForged, HeadersMustBeStrictJson) {
  const auto end = [](const std::string& text) { return Forged{.end = text}.bytes(); };
  expect_refused(end(""), "not valid JSON");
  expect_refused(end("}}"), "not valid JSON");
  expect_refused(end("} {}"), "not valid JSON");
  expect_refused(end("} // comment"), "not valid JSON");
  expect_refused(end(",}"), "not valid JSON");
  expect_refused(end(",'x':1}"), "not valid JSON");
  expect_refused(end(",\"\xff\":{}}"), "not valid JSON");
  expect_refused(end(std::string("}\0trailing", 10)), "zero byte");
  expect_refused(end(",\"x\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}"),
                 "does not belong");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  expect_refused(end(",\"x\":" + deep), "unknown key");
}

TEST(ContainerForged, MetadataMustBeUniqueTexts) {
  const auto own = [](const std::string& text) {
    Forged forged;
    forged.own += "," + text;
    return forged.bytes();
  };
  expect_refused(own(R"("a":"1","a":"2")"), "key \"a\" stands there twice");
  expect_refused(own(R"("a":"1","\u0061":"2")"), "key \"a\" stands there twice");
  expect_refused(own(R"("prodigest.kind":"other")"), "stands there twice");
  expect_refused(own(R"("a":1)"), "a number does not belong");
  expect_refused(own(R"("a":null)"), "null does not belong");
  expect_refused(own(R"("a":true)"), "a truth value does not belong");
  expect_refused(own(R"("a":["b"])"), "a list does not belong");
  expect_refused(own(R"("a":{"b":"c"})"), "an object does not belong");
  expect_refused(with_tensors(R"(,"__metadata__":{})"), "stands there twice");
  expect_refused(Forged{.own = R"("prodigest.crc32":"@@@@@@@@")"}.bytes(),
                 "has no \"prodigest.kind\"");
  expect_refused(Forged{.own = R"("prodigest.kind":"k")"}.bytes(), "has no checksum");
}

TEST(ContainerForged, TensorEntriesMustBeComplete) {
  const std::string dtype = R"("dtype":"U8")";
  const std::string shape = R"("shape":[8])";
  const std::string offsets = R"("data_offsets":[0,8])";
  expect_refused(one_tensor(dtype + "," + shape), "expected a dtype, a shape and two");
  expect_refused(one_tensor(dtype + "," + offsets), "expected a dtype, a shape and two");
  expect_refused(one_tensor(shape + "," + offsets), "expected a dtype, a shape and two");
  expect_refused(one_tensor(dtype + "," + shape + R"(,"data_offsets":[8])"), "two data_offsets");
  expect_refused(one_tensor(dtype + "," + shape + R"(,"data_offsets":[0,8,8])"),
                 "two data_offsets");
  const std::string all = dtype + "," + shape + "," + offsets;
  for (const std::string& again : {dtype, shape, offsets}) {
    expect_refused(one_tensor(all + "," + again), "stands there twice");
  }
  expect_refused(one_tensor(all + R"(,"extra":"1")"), "unknown key \"extra\"");
  for (const std::string name : {"F31", "f64", "", "U8 ", "BOOL"}) {
    expect_refused(one_tensor("\"dtype\":\"" + name + "\"," + shape + "," + offsets),
                   "unknown dtype");
  }
  expect_refused(one_tensor(R"("dtype":8,)" + shape + "," + offsets), "a number does not belong");
  expect_refused(one_tensor(R"("dtype":["U8"],)" + shape + "," + offsets), "a list does not");
  expect_refused(one_tensor(dtype + R"(,"shape":8,)" + offsets), "a number does not belong");
  expect_refused(one_tensor(dtype + R"(,"shape":"8",)" + offsets), "a text does not belong");
  expect_refused(one_tensor(dtype + R"(,"shape":["8"],)" + offsets), "a text does not belong");
  expect_refused(one_tensor(dtype + R"(,"shape":[[8]],)" + offsets), "a list does not belong");
  expect_refused(one_tensor(dtype + R"(,"shape":[{}],)" + offsets), "an object does not belong");
  expect_refused(with_tensors(R"(,"x":[])"), "a list does not belong");
  expect_refused(with_tensors(R"(,"x":7)"), "a number does not belong");
  expect_refused(with_tensors(R"(,"":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})"),
                 "has no name");
  expect_refused(with_tensors(R"(,"y":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})"),
                 "tensor \"y\": has no checksum");
}

TEST(ContainerForged, ShapesAndOffsetsCannotOverflow) {
  const auto shape = [](const std::string& text) {
    return one_tensor(R"("dtype":"F64","data_offsets":[0,8],"shape":)" + text);
  };
  expect_refused(shape("[2]"), "F64 [2] does not take 8 bytes");
  expect_refused(shape("[]x"), "not valid JSON");
  expect_refused(shape("[-1]"), "a negative number does not belong");
  expect_refused(shape("[1.0]"), "a fraction does not belong");
  expect_refused(shape("[1e0]"), "a fraction does not belong");
  expect_refused(shape("[18446744073709551616]"), "a fraction does not belong");
  expect_refused(shape("[9223372036854775808]"), "above 2^63");
  expect_refused(shape("[4611686018427387904,4]"), "does not take 8 bytes");
  expect_refused(shape("[2305843009213693953]"), "does not take 8 bytes");  // 8 (2^61 + 1) = 8
  expect_refused(shape("[4294967296,4294967296,0]"), "does not take 8 bytes");
  std::string many = "[1";
  for (int i = 0; i < 100'000; ++i) many += ",1";
  EXPECT_FALSE(refusal(shape(many + "]")));

  const auto offsets = [](const std::string& text) {
    return one_tensor(R"("dtype":"U8","shape":[8],"data_offsets":)" + text);
  };
  expect_refused(offsets("[8,0]"), "must begin at 0 and not descend");
  expect_refused(offsets("[1,9]"), "must begin at 0");
  expect_refused(offsets("[-8,0]"), "a negative number");
  expect_refused(offsets("[0,16]"), "the file is cut off");
  expect_refused(offsets("[0,9223372036854775807]"), "the file is cut off");
  expect_refused(offsets("[18446744073709551608,18446744073709551615]"), "above 2^63");
}

TEST(ContainerForged, TensorsFillThePayloadWithoutGapOrOverlap) {
  const std::string x = R"(,"x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})";
  const auto pad = [](const std::string& begin, const std::string& end, const std::string& shape,
                      const std::string& dtype = "U8") {
    return R"(,"_pad0":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":[)" +
           begin + "," + end + "]}";
  };
  EXPECT_FALSE(refusal(with_tensors(x)));
  // the size of this one would be right in arithmetic modulo 2^64
  expect_refused(
      with_tensors(x +
                   R"(,"y":{"dtype":"F64","shape":[2305843009213693951],"data_offsets":[8,0]})"),
      "tensor \"y\": data_offsets must begin at 8 and not descend");
  EXPECT_FALSE(refusal(with_tensors(x + pad("8", "11", "[3]"), kEight + std::string(3, '\0'))));
  expect_refused(with_tensors(x + pad("8", "11", "[3]"), kEight + std::string("\0\1\0", 3)),
                 "padding must be U8 zeros");
  expect_refused(with_tensors(x + pad("8", "10", "[1]", "I16"), kEight + std::string(2, '\0')),
                 "padding must be U8 zeros");
  expect_refused(with_tensors(x, kEight + "9"), "tensors end at byte 8, but 9 bytes follow");
  expect_refused(with_tensors(""), "tensors end at byte 0, but 8 bytes follow");
  expect_refused(with_tensors(x + x), "stands there twice");
  expect_refused(with_tensors(x + R"(,"y":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})"),
                 "tensor \"y\": data_offsets must begin at 8");
  expect_refused(with_tensors(x + pad("9", "11", "[2]"), kEight + std::string(3, '\0')),
                 "must begin at 8");
  expect_refused(with_tensors(x + R"(,"y":{"dtype":"U8","shape":[0],"data_offsets":[8,8]})"),
                 "must begin at a multiple of 64, got 8");
}

TEST(ContainerForged, ChecksumsAreLowerCaseAndMustMatch) {
  const std::string x = R"(,"x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})";
  expect_refused(with_tensors(x, "12345679"), "tensor \"x\": checksum does not match");
  const std::string right = crc(kEight);  // 9ae0daaf
  for (const std::string wrong : {"9AE0DAAF", "9ae0daa", "9ae0daaf ", "0x9ae0daaf", ""}) {
    Forged forged = with_crc(x);
    ASSERT_NE(forged.own.find(right), std::string::npos);
    forged.own.replace(forged.own.find(right), right.size(), wrong);
    expect_refused(forged.bytes(), "tensor \"x\": checksum does not match");
  }
  for (const std::string wrong : {"00000000", "", "0"}) {
    expect_refused(
        Forged{.own = R"("prodigest.kind":"k","prodigest.crc32":")" + wrong + "\""}.bytes(),
        "header: checksum does not match");
  }
}

TEST(ContainerForged, HostileNamesAreShownCutAndEscaped) {
  const std::optional<Error> error =
      refusal(with_tensors(",\"\\u001b[31m" + std::string(100'000, 'a') + R"(":{"dtype":"bad"})"));
  ASSERT_TRUE(error);
  const std::string message = error->what();
  EXPECT_LT(message.size(), 200u);
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
}

TEST(ContainerForged, AHeaderFullOfTensorsIsReadInLinearTime) {
  std::string tensors;
  for (int i = 0; tensors.size() < 900'000; ++i) {
    tensors +=
        ",\"_pad" + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  }
  EXPECT_FALSE(refusal(with_tensors(tensors, "")));
}

}  // namespace
}  // namespace prodigest::io
