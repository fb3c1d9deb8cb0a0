#include "io/csv_words.hpp"

#include <algorithm>
#include <limits>

#include "base/fail.hpp"
#include "io/text_fields.hpp"

namespace prodigest::io {
namespace {

constexpr std::string_view kSeparators = " \t\r\n\v\f,";

template <class Visit>
void for_each_word(std::string_view text, const Visit& visit) {
  std::size_t begin = text.find_first_not_of(kSeparators);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kSeparators, begin), text.size());
    visit(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kSeparators, end);
  }
}

}  // namespace

CsvWords::CsvWords(const std::filesystem::path& path, const ReadOptions& options)
    : table_(path, options),
      text_column_(table_.column(options.words)),
      vocabulary_(options.vocabulary),
      block_(0, options.block_bytes) {
  if (vocabulary_.empty()) count_words(options.vocabulary_size);
  index_vocabulary();
  block_ = CsrBlock(cols(), options.block_bytes);
}

void CsvWords::count_words(Index vocabulary_size) {
  if (vocabulary_size < 1 || vocabulary_size > std::numeric_limits<std::int32_t>::max())
    fail(ErrorCode::kInvalidArgument,
         "{}: --vocabulary must be between 1 and 2147483647, got {}", table_.name(),
         vocabulary_size);
  struct Count {
    Index rows = 0;
    RowId last_row = 0;
  };
  WordMap<Count> counts;
  while (table_.next_row()) {
    const RowId row = table_.next_row_number();
    for_each_word(table_.cell(text_column_), [&](std::string_view word) {
      auto found = counts.find(word);
      if (found == counts.end()) found = counts.emplace(word, Count{}).first;
      Count& count = found->second;
      if (count.rows > 0 && count.last_row == row) return;
      ++count.rows;
      count.last_row = row;
    });
  }
  table_.rewind();

  using Entry = std::pair<Index, std::string_view>;
  std::vector<Entry> words;
  words.reserve(counts.size());
  for (const auto& [word, count] : counts) words.emplace_back(count.rows, word);
  const auto kept = static_cast<std::ptrdiff_t>(
      std::min(words.size(), static_cast<std::size_t>(vocabulary_size)));
  std::partial_sort(words.begin(), words.begin() + kept, words.end(),
                    [](const Entry& a, const Entry& b) {
                      return a.first != b.first ? a.first > b.first : a.second < b.second;
                    });
  for (auto word = words.begin(); word != words.begin() + kept; ++word)
    vocabulary_.emplace_back(word->second);
}

void CsvWords::index_vocabulary() {
  for (std::size_t i = 0; i < vocabulary_.size(); ++i) {
    const std::string& word = vocabulary_[i];
    if (!is_utf8(word))
      fail(ErrorCode::kFormat,
           "{}: the word {} is not UTF-8 (convert the file, e.g. iconv -f latin1 -t utf-8)",
           table_.name(), shown(word));
    if (word.empty() || word.find_first_of(kSeparators) != std::string::npos)
      fail(ErrorCode::kInvalidArgument,
           "{}: vocabulary: expected words without blanks and commas, got {}", table_.name(),
           shown(word));
    if (!column_of_.emplace(word, static_cast<std::int32_t>(i)).second)
      fail(ErrorCode::kInvalidArgument, "{}: vocabulary: {} is given twice (give it once)",
           table_.name(), shown(word));
  }
}

bool CsvWords::next(RowBlock& block) {
  block_.clear();
  row_ids_.clear();
  block.first_row = table_.next_row_number();
  while (!block_.full() && table_.next_row()) {
    if (table_.has_key()) row_ids_.push_back(table_.row_id());
    row_.clear();
    for_each_word(table_.cell(text_column_), [&](std::string_view word) {
      if (const auto found = column_of_.find(word); found != column_of_.end())
        row_.push_back(found->second);
    });
    std::sort(row_.begin(), row_.end());
    row_.erase(std::unique(row_.begin(), row_.end()), row_.end());
    for (const std::int32_t column : row_) block_.add(column, 1.0);
    block_.end_row();
  }
  block.rows = block_.view();
  block.row_ids = row_ids_;
  return block_.rows() > 0;
}

}  // namespace prodigest::io
