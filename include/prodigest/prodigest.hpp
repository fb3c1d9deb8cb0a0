#pragma once
/// Everything.

#include "prodigest/base/error.hpp"
#include "prodigest/base/matrix.hpp"
#include "prodigest/base/version.hpp"
#include "prodigest/io/npy.hpp"
#include "prodigest/io/row_reader.hpp"
#include "prodigest/sampling/leverage.hpp"
#include "prodigest/sampling/merge.hpp"
#include "prodigest/sampling/plan.hpp"
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "prodigest/sampling/select_rows.hpp"
