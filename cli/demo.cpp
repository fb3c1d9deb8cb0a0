// prodigest demo: the whole way on two real tables, with the exact product as the referee.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "child_process.hpp"
#include "commands.hpp"
#include "demo_report.hpp"
#include "error_against_bytes.hpp"
#include "exact_product.hpp"
#include "input.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/io/write_file.hpp"
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

namespace fs = std::filesystem;
using sampling::RowSample;
using sampling::SampleSpec;

constexpr int kSeeds = 11;
constexpr Index kSizes[] = {64, 128, 256, 512, 1024, 2048, 4096, 8192};

struct Demo {
  Session session;
  std::string output = "prodigest-demo", data;
  Index size = 1000;
  std::uint64_t seed = 0;

  SampleSpec spec(sampling::Weight weight) const {
    return {.size = size, .seed = {seed}, .weight = weight};
  }
  void tell(const std::string& text) const {
    if (!session.json) fmt::print("{}", text);
  }
  void run() const;
};

// As short as it can be said from here.
std::string short_path(const fs::path& path) {
  std::error_code error;
  const std::string near = fs::proximate(path, error).string(), full = path.string();
  return !error && near.size() < full.size() ? near : full;
}

fs::path packages_folder(const std::string& given) {
  if (!given.empty()) return given;
  std::error_code error;
  const fs::path installed = fs::read_symlink("/proc/self/exe", error).parent_path().parent_path() /
                             "share/prodigest/packages";
  return fs::is_directory(installed, error) ? installed : fs::path(PRODIGEST_PACKAGES_DIR);
}

// A table of the demo and how it is read.
struct Table {
  std::string path;
  io::ReadOptions reading{.key = {"package"}};

  Table(const fs::path& folder, const std::string& name) : path(short_path(folder / name)) {
    if (!fs::is_regular_file(path))
      throw Error(
          ErrorCode::kIo,
          fmt::format("demo: {} is not there (name the folder of the demo's tables with --data)",
                      path));
  }
  Input open(const Session& session) const { return open_input(path, reading, session); }
};

RowSample sketch_alone(const Demo& demo, const Table& table, const std::string& digest) {
  std::vector<std::string> arguments = {"sketch", table.path, "--key", "package"};
  if (!table.reading.words.empty())
    arguments.insert(arguments.end(), {"--words", table.reading.words});
  arguments.insert(arguments.end(), {"-k", std::to_string(demo.size)});
  if (demo.seed != 0) arguments.insert(arguments.end(), {"--seed", std::to_string(demo.seed)});
  arguments.insert(arguments.end(), {"-o", digest});
  if (demo.session.threads != 0)
    arguments.insert(arguments.end(), {"--threads", std::to_string(demo.session.threads)});
  if (demo.session.quiet) arguments.push_back("-q");
  demo.tell("$ " + command_line(arguments) + "\n");
  run_alone(arguments, !demo.session.json);
  return sampling::load_row_sample(digest);
}

DemoSample judged(std::string name, const RowSample& a, const RowSample& b,
                  const compare::KnownProduct& known, const Session& session) {
  DemoSample sample{.name = std::move(name), .spec = a.spec(), .bytes = bytes_of(a, b)};
  sample.estimate =
      estimate_product(a, b, {.standard_deviations = true}, session.context("product"));
  sample.actual = compare::frobenius_distance(sample.estimate.value, known.value);
  return sample;
}

// How ||A||² is spread over the rows of A, and how much of it the rows of B can meet.
void find_shares(DemoFindings& findings, const compare::KnownProduct& known, const Session& session) {
  SampleSpec spec = known.a.spec();
  spec.weight = sampling::Weight::kSquaredNorm;
  const RowSample a = sample_of(known.a, spec, session), b = sample_of(known.b, spec, session);
  const double all = *a.squared_norm();
  double met = 0;
  for (std::size_t i = 0; i < a.row_ids().size(); ++i)
    if (std::ranges::binary_search(b.row_ids(), a.row_ids()[i])) met += a.weights()[i];
  findings.partner_share = met / all;

  std::vector<double> squares(a.weights().begin(), a.weights().end());
  std::ranges::sort(squares, std::greater<>());
  squares.resize(std::min(squares.size(), static_cast<std::size_t>((a.rows() + 999) / 1000)));
  double top = 0;
  for (const double square : squares) top += square;
  findings.top_share = top / all;
}

double relative_norm(const compare::KnownProduct& known) {
  return known.relative_error(Matrix<double>(known.value.rows, known.value.cols));
}

DemoCurves curves_of(const compare::KnownProduct& known, const Demo& demo) {
  const auto curve = [&](sampling::Weight weight) {
    return error_against_bytes(known, demo.spec(weight), kSizes, kSeeds, demo.session);
  };
  return {relative_norm(known), curve(sampling::Weight::kSquaredNorm),
          curve(sampling::Weight::kUniform)};
}

std::string draw(const Demo& demo, const std::string& name, std::string title,
                 const DemoCurves& curves) {
  const std::string path = (fs::path(demo.output) / name).string();
  const std::string svg = to_svg(demo_plot(std::move(title), curves, kSeeds));
  io::write_file(path, std::as_bytes(std::span(svg)));
  demo.tell(path + "\n");
  return path;
}

void Demo::run() const {
  validate(spec(sampling::Weight::kSquaredNorm));
  const fs::path folder = packages_folder(data);
  const Table sizes(folder, "sizes.csv.gz");
  Table depends(folder, "depends.csv.gz");
  depends.reading.words = "depends";
  std::error_code error;
  fs::create_directories(output, error);
  if (error)
    throw Error(ErrorCode::kIo,
                fmt::format("demo: {}: cannot be made: {} (choose another --output)", output,
                            error.message()));
  const std::string sizes_digest = (fs::path(output) / "sizes.pdg").string(),
                    depends_digest = (fs::path(output) / "depends.pdg").string();

  tell(
      "Two tables of Debian packages: A says how large each package is, B which libraries it "
      "needs.\n"
      "AᵀB says how many kB of packages need each library.\n\n"
      "1. Each table is digested alone, by a process that sees no other\n");
  const RowSample a = sketch_alone(*this, sizes, sizes_digest);
  const RowSample b = sketch_alone(*this, depends, depends_digest);

  tell(
      "\n2. The product from the digests; beside it, from as many rows drawn with equal "
      "probability\n$ " +
      command_line({"product", sizes_digest, depends_digest, "--exact", sizes.path, depends.path}) +
      "\n");
  const compare::KnownProduct known = known_product(sizes.open(session), depends.open(session), session);
  const auto uniform = spec(sampling::Weight::kUniform);
  DemoFindings findings{
      .input_bytes = file_bytes(sizes.path).value_or(0) + file_bytes(depends.path).value_or(0),
      .scale = known.scale(),
      .weighted = judged("weighted", a, b, known, session),
      .uniform = judged("uniform", sample_of(known.a, uniform, session),
                        sample_of(known.b, uniform, session), known, session),
      .seeds = kSeeds,
      .tables = curves_of(known, *this)};
  find_shares(findings, known, session);
  findings.largest = largest_entries(findings.weighted.estimate, a.schema(), b.schema(), 5);
  for (const NamedEntry& entry : findings.largest)
    findings.exact.push_back(known.value.storage[entry.at]);
  tell(demo_table(findings) +
       "largest entries of the weighted estimate, ± one standard deviation\n" +
       demo_entries(findings));

  tell(
      fmt::format("\n3. The error as digests grow, over {} seeds; also where A and B are two "
                  "columns of the first table\n",
                  kSeeds));
  Table installed = sizes, download = sizes;
  installed.reading.columns = {"installed_kb"};
  download.reading.columns = {"download_kb"};
  const compare::KnownProduct heavy = known_product(installed.open(session), download.open(session), session);
  findings.columns = curves_of(heavy, *this);
  const std::string picture =
      draw(*this, "error-against-bytes.svg",
           "Package sizes x libraries needed: error against bytes", findings.tables);
  const std::string heavy_picture =
      draw(*this, "error-where-heavy-rows-meet.svg",
           "Installed size x download size: error against bytes", findings.columns);
  tell("\n");

  Json fields = {{"size", size},
                 {"seed", seed},
                 {"digests", {sizes_digest, depends_digest}},
                 {"pictures", {picture, heavy_picture}}};
  fields.update(demo_json(findings));
  session.print("demo", fields, demo_moral(findings));
}

}  // namespace

void add_demo(CLI::App& app) {
  auto* const command = app.add_subcommand("demo",
                                           "The whole way on two real tables, against the exact "
                                           "product\n\nExample: prodigest demo --size 1000\n\n"
                                           "Digests each table in a process of its own, multiplies "
                                           "the digests, compares with uniform sampling of\n"
                                           "the same size, and draws error against bytes.");
  const auto demo = std::make_shared<Demo>();
  add_whole_number(*command, "-k,--size", demo->size, "Rows to keep of each table", Index{1});
  add_whole_number(*command, "--seed", demo->seed, "Seed of all samples (default 0)");
  command->add_option("-o,--output", demo->output, "Folder for the digests and the picture")
      ->capture_default_str()
      ->type_name("DIR");
  command
      ->add_option("--data", demo->data,
                   "Folder of the demo's tables (default: the ones that came along)")
      ->type_name("DIR");
  demo->session.add_options(*command);
  command->callback([=] { demo->run(); });
}

}  // namespace prodigest::cli
