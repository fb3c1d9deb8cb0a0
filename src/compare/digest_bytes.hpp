#pragma once
// Bytes of digest files that are not made.

#include "prodigest/compare/statistics.hpp"
#include "prodigest/digest/digest.hpp"

namespace prodigest::compare {

/// Of the file of a sample but for its rows: header, names, padding.  sparse: rows are stored as
/// CSR
double sample_header_bytes(const Schema& schema, Index cols, bool sparse);
/// Of the file of a linear sketch but for its entries.
double sketch_header_bytes(const Schema& schema, Index cols);
/// Of a digest of no size with that spec; of codes it includes means, scales and noises.
double header_bytes(const SideStatistics& side, const digest::DigestSpec& spec);
/// Whether rows with so many entries that are not zero are stored as CSR.
bool stored_sparse(double rows, double cols, double entries, bool single);
/// Of a sample of so many rows with so many entries that are not zero; see docs/format.md.
double sample_bytes(const SideStatistics& side, double rows, double entries);
/// Of the codes and columns of a row with so many entries that are not zero.
double coded_row_bytes(const SideStatistics& side, const coding::Coding& coding, double entries);
/// Of a sample of so many rows with coded values, whose codes and columns take so many bytes.
double coded_sample_bytes(const SideStatistics& side, double rows, double row_bytes);
/// Of a sketch; entries to which no row comes, or whose rows cancel, are zero.
double sketch_bytes(const SideStatistics& side, const linear::LinearSpec& spec);
/// Of lattice codes, whose size is open (0) or filled in.
double codes_bytes(const SideStatistics& side, const lattice::LatticeSpec& spec);

}  // namespace prodigest::compare
