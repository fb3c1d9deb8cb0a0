#include "io/csv_reader.hpp"

#include "base/fail.hpp"
#include "io/csv_numbers.hpp"
#include "io/csv_words.hpp"
#include "io/unused_options.hpp"

namespace prodigest::io {

std::unique_ptr<RowReader> open_csv(const std::filesystem::path& path, const ReadOptions& options) {
  const std::string name = path == "-" ? "<stdin>" : path.string();
  if (options.words.empty()) {
    refuse_unused_options(name, "a table read as numbers", options,
                          {ReadOption::kKey, ReadOption::kKeyEncoding, ReadOption::kColumns,
                           ReadOption::kMissing, ReadOption::kHeader});
    return std::make_unique<CsvNumbers>(path, options);
  }
  refuse_unused_options(name, "a table read as words", options,
                        {ReadOption::kKey, ReadOption::kKeyEncoding, ReadOption::kHeader,
                         ReadOption::kWords, ReadOption::kVocabularySize, ReadOption::kVocabulary});
  if (path == "-" && options.vocabulary.empty())
    fail(ErrorCode::kInvalidArgument,
         "{}: counting the words takes a pass of its own, and a pipe has only one (give "
         "--vocabulary, or save the table to a file)",
         name);
  return std::make_unique<CsvWords>(path, options);
}

}  // namespace prodigest::io
