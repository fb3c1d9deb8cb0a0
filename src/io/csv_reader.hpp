#pragma once

#include <filesystem>
#include <memory>

#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

// A table of text cells (.csv, .tsv, "-"): its numbers as dense rows, or with options.words the
// words of one column as sparse rows.  @throws as open_rows
std::unique_ptr<RowReader> open_csv(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace prodigest::io
