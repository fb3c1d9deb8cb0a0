#pragma once

#include <filesystem>
#include <memory>

#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

// An svmlight (libsvm) file: "label index:value ... # comment", indices ascending from 1 (from 0
// with options.zero_based); "qid:" is ignored. Its features are CSR rows without zeros; with
// options.columns == {"label"} its labels are a dense matrix of one column.  @throws as open_rows
std::unique_ptr<RowReader> open_svmlight(const std::filesystem::path& path,
                                         const ReadOptions& options);

}  // namespace prodigest::io
