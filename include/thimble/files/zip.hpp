#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble {

/// A file of a ZIP archive.
struct ZipEntry {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

/// All files of an archive (stored or deflated), in the order of its directory. Throws DataError
/// beginning with `place` for what is no archive, is cut off, encrypted, packed in another way,
/// fails its checksum, or holds more than 2 GiB.
std::vector<ZipEntry> read_zip(std::span<const std::uint8_t> file, std::string_view place);

}  // namespace thimble
