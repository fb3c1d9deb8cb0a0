#pragma once
// The rows of a sample to codes and back.

#include <span>
#include <vector>

#include "prodigest/core/context.hpp"
#include "prodigest/sampling/row_sample.hpp"
#include "sampling/row_coder.hpp"

namespace prodigest::sampling {

/// parts.coded from parts.rows, for a spec with values.
void code_rows(SampleParts& parts, const Context& context);

/// The rows of parts.coded. Nothing but the values of the codes is taken on trust.
/// @throws Error{kInvalidArgument} if it contradicts itself or the rest of the parts
std::vector<CodedRow> coded_rows(const SampleParts& parts);

/// What they decode to, as core/compact_rows stores them.
/// @throws also on floats so large that what they decode to is none
AnyMatrix decode_rows(const SampleParts& parts);

/// Adds a row at the end.
void append_row(CodedRows& rows, const CodedRow& row);

}  // namespace prodigest::sampling
