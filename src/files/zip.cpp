#include "thimble/files/zip.hpp"

#include <zip.h>

#include <algorithm>
#include <memory>

#include "thimble/core/error.hpp"
#include "thimble/core/printable.hpp"

namespace thimble {
namespace {

constexpr std::uint64_t kMostBytesOfAll = std::uint64_t{1} << 31;
/// Deflate makes at most so many bytes of one.
constexpr std::uint64_t kMostRatio = 1032;

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using File = std::unique_ptr<zip_file_t, Discard>;

Archive open_archive(std::span<const std::uint8_t> file, std::string_view place) {
  // For the library nothing at all is an archive without files.
  if (file.empty()) raise<DataError>("{}: is no ZIP archive: is empty", place);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(file.data(), file.size(), 0, &error);
  Archive archive(source ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr);
  if (!archive) {
    const std::string reason = printable(zip_error_strerror(&error));
    zip_error_fini(&error);
    zip_source_free(source);
    raise<DataError>("{}: is no ZIP archive, or is damaged: {}", place, reason);
  }
  return archive;
}

/// What the directory of an archive of `archive_size` bytes says of an entry, where it can be true.
zip_stat_t checked_entry(zip_t* archive, std::uint64_t archive_size, std::uint64_t index,
                         std::string_view where) {
  zip_stat_t entry;
  if (zip_stat_index(archive, index, 0, &entry) != 0) {
    raise<DataError>("{}: is damaged: {}", where, zip_strerror(archive));
  }
  if (entry.encryption_method != ZIP_EM_NONE) raise<DataError>("{}: is encrypted", where);
  if (entry.comp_method != ZIP_CM_STORE && entry.comp_method != ZIP_CM_DEFLATE) {
    raise<DataError>("{}: packed by method {}: 0 (stored) or 8 (deflate) expected", where,
                     entry.comp_method);
  }
  const std::uint64_t packed = std::min<std::uint64_t>(entry.comp_size, archive_size);
  if (entry.comp_size > archive_size || entry.size > kMostRatio * packed + 64) {
    raise<DataError>("{}: size = {} bytes: cannot come out of {}", where, entry.size, packed);
  }
  return entry;
}

std::vector<std::uint8_t> unpacked(zip_t* archive, std::uint64_t index, std::uint64_t size,
                                   std::string_view where) {
  const File file(zip_fopen_index(archive, index, 0));
  if (!file) raise<DataError>("{}: is damaged: {}", where, zip_strerror(archive));
  std::vector<std::uint8_t> bytes(size);
  const zip_int64_t count = zip_fread(file.get(), bytes.data(), size);
  // The checksum is compared where the end is read.
  std::uint8_t behind = 0;
  const zip_int64_t rest = count < 0 ? count : zip_fread(file.get(), &behind, 1);
  if (rest < 0) raise<DataError>("{}: is damaged: {}", where, zip_file_strerror(file.get()));
  if (static_cast<std::uint64_t>(count) != size || rest > 0) {
    raise<DataError>("{}: is damaged: {} bytes expected", where, size);
  }
  return bytes;
}

}  // namespace

std::vector<ZipEntry> read_zip(std::span<const std::uint8_t> file, std::string_view place) {
  const Archive archive = open_archive(file, place);
  const auto count = static_cast<std::uint64_t>(zip_get_num_entries(archive.get(), 0));
  std::vector<ZipEntry> entries;
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive.get(), i, ZIP_FL_ENC_RAW);
    const std::string where = fmt::format("{}: {}", place, printable(name ? name : "?"));
    const zip_stat_t entry = checked_entry(archive.get(), file.size(), i, where);
    total += entry.size;
    if (total > kMostBytesOfAll) raise<DataError>("{}: at most 2 GiB are unpacked", place);
    entries.push_back(
        {.name = name ? name : "", .bytes = unpacked(archive.get(), i, entry.size, where)});
  }
  return entries;
}

}  // namespace thimble
