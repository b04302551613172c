#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble {

/// Whether something lies there. What may not be looked at counts as absent; never throws.
bool path_exists(const std::filesystem::path& path);

/// The whole file. Throws DataError naming the path and the system's reason.
std::vector<std::uint8_t> read_bytes(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);

/// Writes beside the target, flushes to the disk, then renames: a reader sees the old file or the
/// new one, never half of one. Throws DataError (a full disk included) and leaves the old file as
/// it was.
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace thimble
