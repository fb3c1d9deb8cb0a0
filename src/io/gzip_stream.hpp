#pragma once
// Gzip data, recognised by their first bytes whatever the file is called.

#include <memory>

#include "io/byte_stream.hpp"

namespace prodigest::io {

// A stream of what the gzip data hold if the source begins as gzip data do, else of its own bytes.
// Data may be several members, one after the other, padded with zeros.
// @throws Error{kFormat}, here or from read(), if the data are truncated or corrupt or other bytes
//         follow them
std::unique_ptr<ByteStream> inflated_if_gzip(std::unique_ptr<ByteStream> source);

}  // namespace prodigest::io
