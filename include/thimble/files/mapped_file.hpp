#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace thimble {

/// A whole file in memory, as long as this lives, as the system fetches and drops it; whoever
/// replaces the file leaves it alone.
class MappedFile {
 public:
  /// Throws DataError naming the file, also where it is empty or no regular file.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

 private:
  void* data_;
  std::size_t size_ = 0;
};

/// The bytes of a file of any size: of a large one where they lie, so that it may be larger than
/// the memory.
class WholeFile {
 public:
  /// A gzipped file is unpacked into memory. Throws as read_compressed and MappedFile do.
  static WholeFile of_compressed(const std::filesystem::path& path);
  /// The file as it is. Throws as read_bytes and MappedFile do.
  static WholeFile of_plain(const std::filesystem::path& path);

  operator std::span<const std::uint8_t>() const;

 private:
  std::vector<std::uint8_t> read_;
  std::unique_ptr<MappedFile> mapped_;  // where set, `read_` is empty
};

}  // namespace thimble
