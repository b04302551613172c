#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace thimble {

/// Where decoded sets are kept from one run to the next, and which.
struct CacheOptions {
  /// Empty: nowhere; samples stay in memory.
  std::filesystem::path folder;
  /// A set of fewer files and fewer bytes than these is read anew each time …
  std::size_t least_files = 200;
  std::uintmax_t least_bytes = std::uintmax_t{4} << 20;
  /// … unless its samples, decoded, are more than so many bytes: then they go to the cache while
  /// they are read.
  std::size_t most_in_memory = std::size_t{32} << 20;
  /// Of IDX and CIFAR, which are as quick to read as the cache, only such sets are kept whose
  /// samples are more than so many bytes; nothing: than samples may take of the memory.
  std::optional<std::size_t> most_of_quick = {};
};

/// $THIMBLE_CACHE (`none`: an empty path), else ~/.cache/thimble/cache.
std::filesystem::path cache_folder();

/// Removes all decoded sets that are in the folder; what another process is writing stays. Returns
/// the bytes that it freed. Throws DataError for a file that cannot be removed.
std::uintmax_t clear_cache(const std::filesystem::path& folder);

}  // namespace thimble
