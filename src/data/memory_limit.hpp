#pragma once

#include <cstdint>

namespace thimble {

/// The most memory that this process can get: what the machine has, or less where a limit of the
/// process (RLIMIT_DATA, RLIMIT_AS) or of its control group says so.
std::uintmax_t memory_limit();

}  // namespace thimble
