#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace thimble {

/// The whole file, decompressed when it is gzip (whatever its name), else as it is. Throws
/// DataError naming the path when it cannot be read, is cut off or damaged, or holds more than 2
/// GiB.
std::vector<std::uint8_t> read_compressed(const std::filesystem::path& path);

}  // namespace thimble
