#pragma once
// A text column of a table as bags of words: one sparse 0/1 row for each row of the table.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/csr_block.hpp"
#include "io/csv_table.hpp"
#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

class CsvWords final : public RowReader {
 public:
  // The columns are options.vocabulary, or the options.vocabulary_size words that most rows have,
  // found in a first pass: most frequent first, equals in byte order.
  CsvWords(const std::filesystem::path& path, const ReadOptions& options);

  Index cols() const override { return static_cast<Index>(vocabulary_.size()); }
  const std::vector<std::string>& column_names() const override { return vocabulary_; }
  bool next(RowBlock& block) override;
  void rewind() override { table_.rewind(); }

 private:
  // Lets a map of strings be searched by string_view.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  template <class Value>
  using WordMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

  void count_words(Index vocabulary_size);
  void index_vocabulary();

  CsvTable table_;
  std::size_t text_column_;
  std::vector<std::string> vocabulary_;
  WordMap<std::int32_t> column_of_;
  CsrBlock block_;
  std::vector<std::int32_t> row_;
  std::vector<RowId> row_ids_;
};

}  // namespace prodigest::io
