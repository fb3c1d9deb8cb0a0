#include "input.hpp"

#include <fmt/format.h>

#include <fstream>

#include "options.hpp"
#include "prodigest/base/error.hpp"

namespace prodigest::cli {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::kIo, path + ": cannot be read (--vocabulary takes a number or a file with a word a line)");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

// Whether the names are 0, 1, 2...
bool are_numbers(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] != std::to_string(i)) return false;
  return true;
}

}  // namespace

void InputOptions::add_options(CLI::App& command, const std::string& side) {
  const std::string group = side.empty() ? "How to read the matrix" : "", dashes = "--" + side;
  using Missing = io::MissingCells;
  add_columns(command, dashes + "key", options_.key, "Key column; several, with commas, make a composite key (csv)")->group(group);
  add_choice<KeyEncoding>(command, dashes + "key-as", options_.key_encoding, "typed (default): 7 is a number, 007 is text; text: every key is text",
                          {{"typed", KeyEncoding::kTyped}, {"text", KeyEncoding::kText}})->group(group);
  add_columns(command, dashes + "columns", options_.columns, "Columns to keep, with commas (default: all numeric ones)")->group(group);
  add_choice<Missing>(command, dashes + "missing", options_.missing, "Empty cells: refuse (default), take 0, or drop the row (csv)",
                      {{"error", Missing::kError}, {"zero", Missing::kZero}, {"drop", Missing::kDropRow}})->group(group);
  command.add_flag(dashes + "no-header", no_header_, "The first line holds data; columns are named 0, 1, ... (csv)")->group(group);
  command.add_option(dashes + "words", options_.words, "Text column to read as a set of words: a sparse 0/1 matrix (csv)")
      ->type_name("COLUMN")->group(group);
  command.add_option(dashes + "vocabulary", vocabulary_, "How many words, the most frequent, or a file with a word a line (default 512)")
      ->type_name("N|FILE")->group(group);
  command.add_option(dashes + "array", options_.array, "Name of the array (npz)")->type_name("NAME")->group(group);
  command.add_flag(dashes + "zero-based", options_.zero_based, "Feature indices begin at 0 (svmlight)")->group(group);
  add_whole_number(command, dashes + "features", options_.features, "Number of features (svmlight)", Index{1})->group(group);
  add_whole_number(command, dashes + "first-row", options_.first_row, "Number of the first row, for a file that is a part of a matrix")->group(group);
  command.add_flag(dashes + "presence", options_.presence,
                   "A column of ones, \"present\", in front: products then hold counts and sums over the join")->group(group);
}

io::ReadOptions InputOptions::read_options() const {
  io::ReadOptions options = options_;
  options.header = !no_header_;
  if (is_number(vocabulary_))
    options.vocabulary_size = std::stoll(vocabulary_);
  else if (!vocabulary_.empty())
    options.vocabulary = lines_of(vocabulary_);
  return options;
}

Input open_input(const std::filesystem::path& path, const io::ReadOptions& options, const Session& session) {
  Input input{io::open_rows(path, options), {}};
  input.schema = {.columns = input.reader->column_names(), .key = options.key,
                  .key_encoding = options.key_encoding, .words = options.words,
                  .presence = options.presence};
  for (const std::string& note : input.reader->notes()) session.remark(path.string() + ": " + note);
  return input;
}

io::ReadOptions options_beside(const Schema& digest, io::ReadOptions options) {
  if (options.key.empty()) {
    options.key = digest.key;
    options.key_encoding = digest.key_encoding;
  }
  return options;
}

io::ReadOptions options_like(const Schema& schema, io::ReadOptions options) {
  options.key = schema.key;
  options.key_encoding = schema.key_encoding;
  options.words = schema.words;
  options.presence = schema.presence;
  std::vector<std::string> names(schema.columns.begin() + (schema.presence ? 1 : 0), schema.columns.end());
  const bool words = !schema.words.empty();
  // Where a column of ones was added to columns without names, they were numbered.
  if (!schema.presence || words || !are_numbers(names)) options.columns = words ? std::vector<std::string>{} : names;
  options.vocabulary = words ? std::move(names) : std::vector<std::string>{};
  options.vocabulary_size = io::ReadOptions{}.vocabulary_size;
  if (words) options.missing = io::MissingCells::kError;  // the other side's, which may be a table of numbers
  return options;
}

void check_not_overwritten(const std::filesystem::path& input, const std::filesystem::path& output, const char* what) {
  std::error_code error;  // what is not there is not overwritten
  if (std::filesystem::is_regular_file(output, error) && std::filesystem::equivalent(input, output, error))
    throw Error(ErrorCode::kInvalidArgument, fmt::format("{}: the output would replace the {} (choose another output)", output.string(), what));
}

bool is_digest_path(const std::filesystem::path& path) { return path.extension() == ".pdg"; }

std::optional<std::uint64_t> file_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? std::nullopt : std::optional<std::uint64_t>(size);
}

}  // namespace prodigest::cli
