#include "sample_file.hpp"

#include <algorithm>
#include <cstring>

#include "checksum.hpp"
#include "sample_file_layout.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// Reads the index from front to back.
class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, std::string_view place) : left_(bytes), place_(place) {}

  template <class T>
  std::vector<T> numbers() {
    const std::size_t count = length(sizeof(T));
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), left_.data(), count * sizeof(T));
    left_ = left_.subspan(count * sizeof(T));
    return values;
  }

  std::string text() {
    const std::size_t size = length(1);
    std::string value(reinterpret_cast<const char*>(left_.data()), size);
    left_ = left_.subspan(size);
    return value;
  }

  std::vector<std::string> texts() {
    const std::size_t count = length(sizeof(std::uint64_t));
    std::vector<std::string> values;
    values.reserve(count);
    for (std::size_t i = 0; i < count; ++i) values.push_back(text());
    return values;
  }

  std::uint64_t number() {
    need(sizeof(std::uint64_t));
    std::uint64_t value = 0;
    std::memcpy(&value, left_.data(), sizeof value);
    left_ = left_.subspan(sizeof value);
    return value;
  }

  void expect_end() const {
    if (!left_.empty()) raise<DataError>("{}: is damaged: bytes behind its index", place_);
  }

 private:
  void need(std::size_t bytes) const {
    if (bytes > left_.size()) raise<DataError>("{}: is damaged: its index is cut off", place_);
  }
  /// A count of things that take at least `size` bytes each.
  std::size_t length(std::size_t size) {
    const std::uint64_t count = number();
    if (count > left_.size() / size) need(left_.size() + 1);
    return static_cast<std::size_t>(count);
  }

  std::span<const std::byte> left_;
  std::string_view place_;
};

SampleFileHeader header_of(std::span<const std::byte> file, const Identity& identity,
                           std::string_view place) {
  SampleFileHeader header;
  if (file.size() < kValuesBegin) raise<DataError>("{}: is cut off", place);
  std::memcpy(&header, file.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof header.magic) != 0 ||
      header.byte_order != kByteOrder || header.version != kSampleFileVersion) {
    raise<DataError>("{}: is no file of samples of this version", place);
  }
  if (checksum(file.first(kHeaderChecked)) != header.checksum) {
    raise<DataError>("{}: is damaged: its header", place);
  }
  if (header.identity != identity) raise<DataError>("{}: is of another set", place);
  return header;
}

std::size_t value_size(int type, std::string_view place) {
  constexpr std::array<std::size_t, 4> kSizes = {0, sizeof(std::uint8_t), sizeof(std::int16_t),
                                                 sizeof(float)};
  if (type < 1 || type > 3) raise<DataError>("{}: is damaged: type = {}", place, type);
  return kSizes[static_cast<std::size_t>(type)];
}

void check_split(const StoredSplit& split, std::size_t samples, std::size_t classes,
                 std::string_view place) {
  const bool fits =
      split.labels.size() == split.rows.size() &&
      (split.names.empty() || split.names.size() == split.rows.size()) &&
      (split.anomalous.empty() || split.anomalous.size() == split.rows.size()) &&
      std::ranges::all_of(split.anomalous, [](std::uint8_t flag) { return flag <= 1; }) &&
      std::ranges::all_of(split.rows, [&](std::uint32_t row) { return row < samples; }) &&
      std::ranges::all_of(split.labels, [&](std::int32_t label) {
        return label >= 0 && static_cast<std::size_t>(label) < classes;
      });
  if (!fits) raise<DataError>("{}: is damaged: a split does not hold together", place);
}

}  // namespace

SampleFileParts parse_sample_file(std::span<const std::byte> file, const Identity& identity,
                                  std::string_view place) {
  const SampleFileHeader header = header_of(file, identity, place);
  SampleFileParts parts{
      .type = header.type,
      .shape = {.height = header.height, .width = header.width, .channels = header.channels}};
  std::uint64_t row = value_size(header.type, place);
  for (const std::int32_t side : {header.height, header.width, header.channels}) {
    constexpr std::uint64_t kMostOfARow = std::uint64_t{1} << 32;
    if (side < 1 || row > kMostOfARow / static_cast<std::uint64_t>(side)) {
      raise<DataError>("{}: is damaged: shape", place);
    }
    row *= static_cast<std::uint64_t>(side);
  }
  parts.row_bytes = static_cast<std::size_t>(row);
  const std::uint64_t rest = file.size() - kValuesBegin;
  // Divides what there is: what is claimed may overflow.
  if (header.index_bytes > rest || (rest - header.index_bytes) % row != 0 ||
      (rest - header.index_bytes) / row != header.samples) {
    raise<DataError>("{}: size = {} bytes: is cut off or damaged", place, file.size());
  }
  parts.values = file.subspan(kValuesBegin, file.size() - kValuesBegin - header.index_bytes);
  const auto index = file.last(header.index_bytes);
  if (checksum(index) != header.index_checksum) {
    raise<DataError>("{}: is damaged: its index", place);
  }
  Cursor cursor(index, place);
  parts.checksums = cursor.numbers<std::uint64_t>();
  for (StoredSplit& split : parts.splits) {
    split.rows = cursor.numbers<std::uint32_t>();
    split.labels = cursor.numbers<std::int32_t>();
    split.names = cursor.texts();
    split.anomalous = cursor.numbers<std::uint8_t>();
  }
  parts.groups = cursor.numbers<std::int32_t>();
  parts.class_names = cursor.texts();
  parts.findings.broken = cursor.number();
  parts.findings.broken_files = cursor.texts();
  parts.findings.notes = cursor.texts();
  cursor.expect_end();
  for (const StoredSplit& split : parts.splits) {
    check_split(split, header.samples, parts.class_names.size(), place);
  }
  const bool fits = parts.checksums.size() == header.samples &&
                    (parts.groups.empty() || parts.groups.size() == parts.splits[0].rows.size()) &&
                    parts.findings.broken >= parts.findings.broken_files.size();
  if (!fits) raise<DataError>("{}: is damaged: its index does not hold together", place);
  return parts;
}

}  // namespace thimble
