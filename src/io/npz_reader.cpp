#include "io/npz_reader.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "base/fail.hpp"
#include "io/npy_reader.hpp"
#include "io/sparse_npz.hpp"
#include "io/unused_options.hpp"
#include "io/zip_archive.hpp"

namespace prodigest::io {

namespace {

constexpr std::string_view kSuffix = ".npy";

/// The names that numpy.load gives to the arrays.
std::vector<std::string> array_names(const ZipArchive& archive) {
  std::vector<std::string> names;
  for (const std::string& member : archive.members()) {
    if (member.ends_with(kSuffix)) {
      names.push_back(member.substr(0, member.size() - kSuffix.size()));
    }
  }
  return names;
}

std::string chosen_member(const ZipArchive& archive, const std::string& wanted) {
  const std::vector<std::string> names = array_names(archive);
  if (names.empty()) {
    fail(ErrorCode::kFormat, "{}: expected arrays of numpy.savez in the archive, found none",
         archive.name());
  }
  const std::string chosen = wanted.empty() ? names.front() : wanted;
  if (wanted.empty() && names.size() > 1) {
    fail(ErrorCode::kInvalidArgument, "{}: expected one array, got {}: choose one with --array: {}",
         archive.name(), names.size(), fmt::join(names, ", "));
  }
  const std::string member = chosen + std::string(kSuffix);
  if (!archive.has(member)) {
    fail(ErrorCode::kInvalidArgument, "{}: no array is called \"{}\" (there are: {})",
         archive.name(), chosen, fmt::join(names, ", "));
  }
  return member;
}

}  // namespace

std::unique_ptr<RowReader> open_npz(const std::filesystem::path& path, const ReadOptions& options) {
  refuse_unused_options(path.string(), "a .npz file", options,
                        {ReadOption::kColumns, ReadOption::kArray});
  const ZipArchive archive(path);
  if (options.array.empty() && is_sparse_npz(archive)) return sparse_npz_rows(archive, options);
  return npy_rows(archive.open(chosen_member(archive, options.array)), options);
}

}  // namespace prodigest::io
