#pragma once
/// Version of the library.

namespace prodigest {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace prodigest
