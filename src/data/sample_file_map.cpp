#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <memory>

#include "checksum.hpp"
#include "sample_file.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/printable.hpp"
#include "thimble/files/mapped_file.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

/// A fetch ahead costs a system call, which is worth it for a page or more.
std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

class MappedRows final : public StoredRows {
 public:
  MappedRows(fs::path place, std::unique_ptr<MappedFile> mapping, SampleFileParts& parts)
      : place_(std::move(place)),
        mapping_(std::move(mapping)),
        values_(parts.values),
        row_bytes_(parts.row_bytes),
        checksums_(std::move(parts.checksums)),
        checked_(checksums_.size()) {}

  void check_all() const {
    for (std::size_t i = 0; i < checksums_.size(); ++i) row(static_cast<std::uint32_t>(i));
  }

  std::span<const std::byte> row(std::uint32_t index) const override {
    const auto bytes = values_.subspan(index * row_bytes_, row_bytes_);
    // Two threads may both check a row; both find the same.
    if (!checked_[index].load(std::memory_order_relaxed)) {
      if (checksum(bytes) != checksums_[index]) reject(index);
      checked_[index].store(true, std::memory_order_relaxed);
    }
    return bytes;
  }

  void prefetch(std::uint32_t index) const override {
    if (row_bytes_ < page_size()) return;
    const auto bytes = mapping_->bytes();
    const auto first = static_cast<std::size_t>(values_.data() - bytes.data()) + index * row_bytes_;
    const std::size_t page = first / page_size() * page_size();
    ::madvise(const_cast<std::byte*>(bytes.data()) + page, first + row_bytes_ - page,
              MADV_WILLNEED);
  }

 private:
  [[noreturn]] void reject(std::uint32_t index) const {
    std::error_code ignored;
    if (!place_.empty()) fs::remove(place_, ignored);
    raise<DataError>(
        "{}: is damaged: sample {}: it was removed: start again and the set is read anew",
        printable(place_.string()), index);
  }

  fs::path place_;
  std::unique_ptr<MappedFile> mapping_;
  std::span<const std::byte> values_;
  std::size_t row_bytes_;
  std::vector<std::uint64_t> checksums_;
  mutable std::vector<std::atomic<bool>> checked_;
};

}  // namespace

RawDataset open_sample_file(const fs::path& path, const Identity& identity, const fs::path& place,
                            std::size_t checked_at_once) {
  auto mapping = std::make_unique<MappedFile>(path);
  SampleFileParts parts = parse_sample_file(mapping->bytes(), identity, printable(path.string()));
  const auto rows = std::make_shared<const MappedRows>(place, std::move(mapping), parts);
  if (parts.values.size() <= checked_at_once) rows->check_all();
  RawDataset set;
  std::size_t number = 0;
  for (Samples* part : {&set.train, &set.validation, &set.test}) {
    StoredSplit& split = parts.splits[number++];
    part->shape = parts.shape;
    part->labels = std::move(split.labels);
    part->names = std::move(split.names);
    part->anomalous = std::move(split.anomalous);
    if (split.rows.empty()) continue;
    const auto elements = static_cast<std::size_t>(parts.shape.elements());
    if (parts.type == 1) part->pixels = {rows, std::move(split.rows), elements};
    if (parts.type == 2) part->sound = {rows, std::move(split.rows), elements};
    if (parts.type == 3) part->values = {rows, std::move(split.rows), elements};
  }
  set.groups = std::move(parts.groups);
  set.class_names = std::move(parts.class_names);
  set.findings = std::move(parts.findings);
  return set;
}

}  // namespace thimble
