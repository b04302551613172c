#include "thimble/data/zip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "thimble/core/error.hpp"
#include "thimble/data/findings.hpp"

// A ZIP archive is read from its end (APPNOTE 6.3, 4.3), all numbers little-endian:
//
//     end of directory     "PK\5\6"  …  10 entries, 2 bytes; 12 size of the directory, 4 bytes;
//                          16 where it begins, 4 bytes;  22 a comment of up to 65535 bytes
//     entry of directory   "PK\1\2"  …  8 flags, 2; 10 method, 2; 16 CRC-32, 4; 20 packed size, 4;
//                          24 size, 4; 28, 30, 32 lengths of name, extra field and comment, 2 each;
//                          42 where its file begins, 4;  46 the name
//     file                 "PK\3\4"  …  26, 28 lengths of name and extra field, 2 each;  30 these,
//                          then the packed bytes
namespace thimble {
namespace {

using Bytes8 = std::span<const std::uint8_t>;

constexpr std::uint64_t kMostBytesOfAll = std::uint64_t{1} << 31;
/// Deflate makes at most so many bytes of one.
constexpr std::uint64_t kMostRatio = 1032;
constexpr std::uint32_t kZip64 = 0xFFFF'FFFF;

std::uint32_t number(Bytes8 bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint32_t{bytes[at + i]} << (8 * i);
  return value;
}

bool has_mark(Bytes8 bytes, std::uint8_t a, std::uint8_t b) {
  return bytes[0] == 'P' && bytes[1] == 'K' && bytes[2] == a && bytes[3] == b;
}

/// `size` bytes from `at` on.
Bytes8 part(Bytes8 file, std::size_t at, std::size_t size, std::string_view place) {
  if (at > file.size() || size > file.size() - at) {
    raise<DataError>("{}: is a damaged ZIP: {} bytes at byte {}: beyond its end", place, size, at);
  }
  return file.subspan(at, size);
}

Bytes8 end_of_directory(Bytes8 file, std::string_view place) {
  constexpr std::size_t kSize = 22;
  const std::size_t furthest = std::min<std::size_t>(file.size(), kSize + 65'535);
  for (std::size_t back = kSize; back <= furthest; ++back) {
    const Bytes8 end = file.subspan(file.size() - back);
    if (has_mark(end, 5, 6)) return end;
  }
  raise<DataError>("{}: is no ZIP archive, or is cut off: its directory is missing", place);
}

std::vector<std::uint8_t> inflated(Bytes8 packed, std::size_t size, std::string_view place) {
  std::vector<std::uint8_t> out(size);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  // Both sizes are below 2³² by the format and `out` by our limit.
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  const std::uint64_t total = stream.total_out;
  inflateEnd(&stream);
  if (status != Z_STREAM_END || total != size) {
    raise<DataError>("{}: is damaged: {} bytes of {} can be unpacked", place, total, size);
  }
  return out;
}

ZipEntry read_entry(Bytes8 file, Bytes8 head, std::string name, std::string_view place) {
  const std::string where = fmt::format("{}: {}", place, printable(name));
  const std::uint32_t flags = number(head, 8, 2);
  const std::uint32_t method = number(head, 10, 2);
  const std::uint32_t packed_size = number(head, 20, 4);
  const std::uint32_t size = number(head, 24, 4);
  if (flags & 1) raise<DataError>("{}: is encrypted", where);
  if (method != 0 && method != 8) {
    raise<DataError>("{}: packed by method {}: 0 (stored) or 8 (deflate) expected", where, method);
  }
  if ((method == 0 && size != packed_size) || size > kMostRatio * packed_size + 64) {
    raise<DataError>("{}: size = {} bytes: cannot come out of {}", where, size, packed_size);
  }
  const std::size_t begin = number(head, 42, 4);
  const Bytes8 local = part(file, begin, 30, where);
  if (!has_mark(local, 3, 4)) raise<DataError>("{}: is damaged: does not begin with PK34", where);
  const std::size_t skipped = 30 + number(local, 26, 2) + number(local, 28, 2);
  const Bytes8 packed = part(file, begin + skipped, packed_size, where);
  ZipEntry entry{.name = std::move(name), .bytes = {}};
  if (method == 0) {
    entry.bytes.assign(packed.begin(), packed.end());
  } else {
    entry.bytes = inflated(packed, size, where);
  }
  const auto sum = static_cast<std::uint32_t>(
      crc32_z(0, entry.bytes.empty() ? nullptr : entry.bytes.data(), entry.bytes.size()));
  if (sum != number(head, 16, 4)) raise<DataError>("{}: is damaged: its checksum is wrong", where);
  return entry;
}

}  // namespace

std::vector<ZipEntry> read_zip(Bytes8 file, std::string_view place) {
  const Bytes8 end = end_of_directory(file, place);
  const std::uint32_t count = number(end, 10, 2);
  const std::uint32_t begin = number(end, 16, 4);
  if (count == 0xFFFF || begin == kZip64) raise<DataError>("{}: is ZIP64: too large", place);
  std::vector<ZipEntry> entries;
  std::uint64_t total = 0;
  std::size_t at = begin;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Bytes8 head = part(file, at, 46, place);
    if (!has_mark(head, 1, 2)) raise<DataError>("{}: is a damaged ZIP: entry {}", place, i);
    const std::size_t name_size = number(head, 28, 2);
    const Bytes8 name = part(file, at + 46, name_size, place);
    at += 46 + name_size + number(head, 30, 2) + number(head, 32, 2);
    if (number(head, 20, 4) == kZip64 || number(head, 24, 4) == kZip64) {
      raise<DataError>("{}: is ZIP64: an array of 4 GiB is too large", place);
    }
    total += number(head, 24, 4);
    if (total > kMostBytesOfAll) raise<DataError>("{}: at most 2 GiB are unpacked", place);
    entries.push_back(read_entry(file, head, std::string(name.begin(), name.end()), place));
  }
  return entries;
}

}  // namespace thimble
