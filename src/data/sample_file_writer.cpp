#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "checksum.hpp"
#include "sample_file.hpp"
#include "sample_file_layout.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// Numbers in files; 0: of no type that readers make.
template <class T>
constexpr int kTypeOf = 0;
template <>
constexpr int kTypeOf<std::uint8_t> = 1;
template <>
constexpr int kTypeOf<std::int16_t> = 2;
template <>
constexpr int kTypeOf<float> = 3;

/// Collects the index.
class IndexBytes {
 public:
  template <class T>
  void numbers(const std::vector<T>& values) {
    number(values.size());
    add(values.data(), values.size() * sizeof(T));
  }
  void text(const std::string& value) {
    number(value.size());
    add(value.data(), value.size());
  }
  void texts(const std::vector<std::string>& values) {
    number(values.size());
    for (const std::string& value : values) text(value);
  }
  void number(std::uint64_t value) { add(&value, sizeof value); }

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  void add(const void* data, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), first, first + size);
  }

  std::vector<std::byte> bytes_;
};

}  // namespace

void SampleFileWriter::write(std::span<const std::byte> bytes, std::uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw WriteFailure{fmt::format("{}: {}", place_, std::strerror(errno))};
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    at += static_cast<std::uint64_t>(written);
  }
}

template <class T>
void SampleFileWriter::take_column(SampleColumn<T>& column, std::size_t split,
                                   std::size_t samples) {
  const auto bytes = std::as_bytes(column.in_memory());
  if (row_bytes_ == 0) {
    type_ = kTypeOf<T>;
    row_bytes_ = bytes.size() / samples;
  }
  THIMBLE_ASSERT(type_ != 0 && type_ == kTypeOf<T> && bytes.size() == samples * row_bytes_);
  write(bytes, kValuesBegin + end_);
  end_ += bytes.size();
  for (std::size_t i = 0; i < samples; ++i) {
    rows_[split].push_back(static_cast<std::uint32_t>(checksums_.size()));
    checksums_.push_back(checksum(bytes.subspan(i * row_bytes_, row_bytes_)));
  }
  column = {};
}

void SampleFileWriter::take(RawDataset& set) {
  std::size_t split = 0;
  for (Samples* part : {&set.train, &set.validation, &set.test}) {
    const std::size_t samples = part->size() - rows_[split].size();
    if (samples > 0) {
      with_values(*part, [&](auto& column) { take_column(column, split, samples); });
    }
    ++split;
  }
}

void SampleFileWriter::finish(RawDataset& set, const Identity& identity) {
  take(set);
  IndexBytes index;
  index.numbers(checksums_);
  std::size_t split = 0;
  for (const Samples* part : {&set.train, &set.validation, &set.test}) {
    index.numbers(rows_[split++]);
    index.numbers(part->labels);
    index.texts(part->names);
    index.numbers(part->anomalous);
  }
  index.numbers(set.groups);
  index.texts(set.class_names);
  index.number(set.findings.broken);
  index.texts(set.findings.broken_files);
  index.texts(set.findings.notes);
  write(index.bytes(), kValuesBegin + end_);

  const Samples& any = !set.train.empty()        ? set.train
                       : !set.validation.empty() ? set.validation
                                                 : set.test;
  SampleFileHeader header{};
  std::memcpy(header.magic, kMagic, sizeof header.magic);
  header.version = kSampleFileVersion;
  header.byte_order = kByteOrder;
  header.identity = identity;
  header.type = type_;
  header.height = any.shape.height;
  header.width = any.shape.width;
  header.channels = any.shape.channels;
  header.samples = static_cast<std::uint32_t>(checksums_.size());
  header.index_bytes = index.bytes().size();
  header.index_checksum = checksum(index.bytes());
  const auto bytes = std::as_bytes(std::span(&header, 1));
  header.checksum = checksum(bytes.first(kHeaderChecked));
  write(bytes, 0);
  if (::fsync(descriptor_) != 0) {
    throw WriteFailure{fmt::format("{}: {}", place_, std::strerror(errno))};
  }
}

}  // namespace thimble
