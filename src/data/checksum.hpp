#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace thimble {

/// XXH64 with seed 0 (Collet, xxHash specification 0.1.1): about as fast as memory is read. Against
/// accidents, not against intent.
std::uint64_t checksum(std::span<const std::byte> bytes);

}  // namespace thimble
