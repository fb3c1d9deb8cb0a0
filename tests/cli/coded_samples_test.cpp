// Row samples whose values are coded, from the command line.

#include "cli/run_prodigest.hpp"
#include "prodigest/io/npy.hpp"
#include "reference/matrices.hpp"

namespace prodigest::cli {
namespace {

class CodedSamples : public Command {
 protected:
  CodedSamples() {
    Normals normals(1);
    save("a.npy", normal_matrix(normals, 600, 32));
    save("b.npy", normal_matrix(normals, 600, 5));
  }
  void save(const std::string& name, const Matrix<double>& matrix) const {
    io::save_npy(path(name), converted<float>(matrix).view());
  }
  void sketch(const std::string& input, const std::string& output,
              const std::string& method) const {
    run_well({"sketch", input, "-o", output, "--method", method});
  }
};

TEST_F(CodedSamples, SayHowTheirValuesAreCodedAndTakeAsManyBits) {
  sketch("a.npy", "plain.pdg", "priority:size=300");
  sketch("a.npy", "coded.pdg", "priority:size=300,values=lattice:F4");
  const auto json = run_well({"info", "coded.pdg", "--check", "--json"}).json();
  EXPECT_EQ(json.at("kind"), "row_sample");
  EXPECT_EQ(json.at("spec"), "priority:size=300,seed=0,values=lattice:F4");
  EXPECT_EQ(json.at("values"), "F4");
  EXPECT_EQ(json.at("value_bits"), 4.5);
  EXPECT_EQ(json.at("kept_rows"), 300);
  EXPECT_FALSE(run_well({"info", "plain.pdg", "--json"}).json().contains("values"));
  const std::string text = run_well({"info", "coded.pdg"}).out;
  EXPECT_NE(text.find("values coded            F4, 4.5 bits an entry"), std::string::npos) << text;
  EXPECT_EQ(run_well({"info", "plain.pdg"}).out.find("values coded"), std::string::npos);
  // 300 rows of 32 entries: 38400 bytes of float, 5400 of codes (scales of 4 blocks fill a byte),
  // and 10 a row for norm and noise.
  const auto plain = read("plain.pdg").size(), coded = read("coded.pdg").size();
  EXPECT_NEAR(static_cast<double>(plain - coded), 38400 - 5400 - 300 * 10, 600);
}

TEST_F(CodedSamples, HaveProductsWithSamplesAndMatrices) {
  sketch("a.npy", "a.pdg", "priority:size=300,values=lattice:F3");
  sketch("b.npy", "b.pdg", "priority:size=300");
  for (const std::string other : {"b.pdg", "b.npy"}) {
    const auto error = run_well({"product", "a.pdg", other, "--json", "--exact", "a.npy", "b.npy"})
                           .json()
                           .at("frobenius_error");
    EXPECT_GT(error.at("actual"), 0.5 * error.at("estimated").get<double>()) << other;
    EXPECT_LT(error.at("actual"), 2 * error.at("estimated").get<double>()) << other;
  }
}

TEST_F(CodedSamples, AreMergedAndCutToThatOfTheWhole) {
  save("first.npy", rows_at(npy("a.npy"), numbers(250)));
  save("rest.npy", rows_at(npy("a.npy"), numbers(350, 250)));
  const std::string method = "priority:size=100,values=lattice:F2";
  sketch("a.npy", "a.pdg", method);
  sketch("first.npy", "first.pdg", method);
  run_well({"sketch", "rest.npy", "-o", "rest.pdg", "-m", method, "--first-row", "250"});
  run_well({"merge", "rest.pdg", "first.pdg", "-o", "x.pdg"});
  EXPECT_EQ(read("x.pdg"), read("a.pdg"));
  run_well({"truncate", "a.pdg", "-k", "40", "-o", "y.pdg"});
  sketch("a.npy", "z.pdg", "priority:size=40,values=lattice:F2");
  EXPECT_EQ(read("y.pdg"), read("z.pdg"));
}

TEST_F(CodedSamples, OfFormatsThatAreNotIntegersOrNotKnownAre2) {
  for (const auto& [values, part] : {std::pair("lattice:group4", "group4"),
                                     {"lattice:F9", "nearest is F4"},
                                     {"lattice:int9", "int9"}})
    expect_refusal(2,
                   {"sketch", "none.npy", "-o", "x.pdg", "-m",
                    std::string("priority:size=9,values=") + values},
                   {part});
}

TEST_F(CodedSamples, WithOthersAreNotMergedAndNotDecodedToAMatrix) {
  sketch("a.npy", "a.pdg", "priority:size=100,values=lattice:F4");
  sketch("a.npy", "plain.pdg", "priority:size=100");
  expect_refusal(4, {"merge", "a.pdg", "plain.pdg", "-o", "x.pdg"}, {"values=lattice:F4"});
  expect_refusal(2, {"decode", "a.pdg", "-o", "x.npy"}, {"expected lattice codes, got a sample"});
}

TEST_F(CodedSamples, AreRegressedOnWithAWarning) {
  sketch("a.npy", "a.pdg", "priority:size=400,values=lattice:F4");
  sketch("b.npy", "b.pdg", "priority:size=400");
  const Outcome outcome = run_well({"regress", "a.pdg", "b.pdg", "--target", "0", "--json"});
  EXPECT_NE(outcome.err.find("rows of A are coded as F4"), std::string::npos) << outcome.err;
  outcome.json();
}

}  // namespace
}  // namespace prodigest::cli
