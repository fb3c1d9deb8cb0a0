#pragma once
// A matrix file into lattice codes, whichever subcommand asks for them.

#include <string>

#include "input.hpp"
#include "prodigest/lattice/lattice_codes.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// What a row of the file is.
enum class FileRows {
  kRows,     ///< a row of the matrix, whose columns are coded
  kVectors,  ///< a column of it: the vectors that are coded lie one after the other
};

/// Codes all that the file has left; remarks on stderr when its first block says that a rotation
/// does harm.
/// @param path for messages
lattice::LatticeCodes quantized(Input matrix, FileRows file_rows, const lattice::LatticeSpec& spec,
                                const std::string& path, const Session& session);

}  // namespace prodigest::cli
