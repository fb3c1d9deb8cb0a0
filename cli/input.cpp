#include "input.hpp"

#include <fstream>
#include <map>

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

}  // namespace

void InputOptions::add_options(CLI::App& command) {
  const std::string group = "How to read the matrix";
  command.add_option("--key", options_.key, "Key column, or several for a composite key (csv)")
      ->delimiter(',')->group(group);
  command.add_option("--key-as", options_.key_encoding, "typed: 7 and 007 differ; text: every key is text")
      ->transform(CLI::CheckedTransformer(std::map<std::string, KeyEncoding>{
          {"typed", KeyEncoding::kTyped}, {"text", KeyEncoding::kText}}))
      ->group(group);
  command.add_option("--columns", options_.columns, "Columns to keep (default: all numeric ones)")
      ->delimiter(',')->group(group);
  command.add_option("--missing", options_.missing, "Empty cells: error, zero or drop (the row)")
      ->transform(CLI::CheckedTransformer(std::map<std::string, io::MissingCells>{
          {"error", io::MissingCells::kError}, {"zero", io::MissingCells::kZero},
          {"drop", io::MissingCells::kDropRow}}))
      ->group(group);
  command.add_flag("--no-header", no_header_, "The first line holds data; columns are named 0, 1, ... (csv)")->group(group);
  command.add_option("--words", options_.words, "Text column to read as a set of words: a sparse 0/1 matrix (csv)")->group(group);
  command.add_option("--vocabulary", vocabulary_, "How many words, the most frequent, or a file with a word a line (default 512)")->group(group);
  command.add_option("--array", options_.array, "Name of the array (npz)")->group(group);
  command.add_flag("--zero-based", options_.zero_based, "Feature indices begin at 0 (svmlight)")->group(group);
  command.add_option("--features", options_.features, "Number of features (svmlight)")->group(group);
  command.add_option("--first-row", options_.first_row, "Number of the first row, for a file that is a part of a matrix")->group(group);
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
                  .key_encoding = options.key_encoding, .words = options.words};
  for (const std::string& note : input.reader->notes()) session.say(path.string() + ": " + note);
  return input;
}

io::ReadOptions options_like(const Schema& schema, io::ReadOptions options) {
  options.key = schema.key;
  options.key_encoding = schema.key_encoding;
  options.words = schema.words;
  (schema.words.empty() ? options.columns : options.vocabulary) = schema.columns;
  return options;
}

bool is_digest_path(const std::filesystem::path& path) { return path.extension() == ".pdg"; }

std::uint64_t file_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace prodigest::cli
