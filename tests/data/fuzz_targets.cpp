#include "data/fuzz_targets.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>

#include "checksum.hpp"
#include "sample_file_layout.hpp"
#include "table.hpp"
#include "thimble/core/error.hpp"
#include "thimble/files/audio.hpp"
#include "thimble/files/coco_annotations.hpp"
#include "thimble/files/image.hpp"
#include "thimble/files/npy.hpp"
#include "thimble/files/wfdb.hpp"
#include "thimble/files/zip.hpp"
#include "thimble/readers/cifar.hpp"
#include "thimble/readers/idx.hpp"

namespace thimble::fixtures {
namespace {

/// More is slow under sanitizers.
constexpr std::int64_t kMostWork = 1 << 18;

template <class Parse>
int attempt(Parse parse) {
  try {
    if (!parse()) std::abort();
    return 1;
  } catch (const DataError& error) {
    const std::string_view text = error.what();
    if (!text.starts_with("fuzz") || text.find('\n') != text.npos) std::abort();
    return 0;
  }
}

}  // namespace

int fuzz_idx(std::span<const std::uint8_t> bytes) {
  return attempt([&] {
    const IdxArray array = parse_idx(bytes, "fuzz");
    std::uint64_t values = 1;
    for (const std::uint32_t length : array.dimensions) values *= length;
    return values == array.values.size();
  });
}

int fuzz_idx_pair(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return 0;
  const auto rest = bytes.subspan(1);
  const std::size_t border = rest.size() * bytes[0] / 256;
  return attempt([&] {
    const Samples samples =
        parse_idx_samples({rest.first(border), "fuzz images"},
                          {rest.subspan(border), "fuzz labels"}, {.shape = {}, .classes = 10});
    return samples.pixels.size() ==
           samples.size() * static_cast<std::size_t>(samples.shape.elements());
  });
}

int fuzz_cifar(std::span<const std::uint8_t> bytes) {
  return attempt([&] {
    Samples samples;
    append_cifar(bytes, "fuzz", 10, samples);
    return samples.pixels.size() == samples.size() * 3072;
  });
}

int fuzz_npy(std::span<const std::uint8_t> bytes) {
  return attempt([&] {
    const NpyArray array = parse_npy(bytes, "fuzz");
    return parse_npy(write_npy(array), "fuzz") == array;
  });
}

int fuzz_zip(std::span<const std::uint8_t> bytes) {
  return attempt([&] {
    std::size_t total = 0;
    for (const ZipEntry& entry : read_zip(bytes, "fuzz")) total += entry.bytes.size();
    return total <= std::size_t{1} << 31;
  });
}

int fuzz_wav(std::span<const std::uint8_t> bytes) {
  return attempt([&] {
    constexpr std::size_t kMost = 2000;
    const auto samples = decode_audio(bytes, "fuzz", 16'000, kMost);
    return samples.size() <= kMost &&
           std::ranges::all_of(samples, [](float x) { return std::isfinite(x); });
  });
}

int fuzz_csv(std::span<const std::uint8_t> bytes) {
  return attempt([&] {
    Numbering classes;
    Numbering groups;
    const Table table = parse_table(bytes, "fuzz", std::nullopt, classes, groups);
    const auto known = [&](std::int32_t label) {
      return label >= -1 && label < std::ssize(classes.names());
    };
    return table.values.size() == table.rows() * table.columns &&
           table.groups.size() == table.rows() && table.splits.size() == table.rows() &&
           std::ranges::all_of(table.labels, known) &&
           std::ranges::all_of(table.values, [](float x) { return std::isfinite(x); });
  });
}

int fuzz_coco(std::span<const std::uint8_t> bytes) {
  return attempt([&] {
    std::istringstream in(std::string(bytes.begin(), bytes.end()));
    const CocoAnnotations found = parse_coco(in, "fuzz");
    return std::ranges::all_of(found.images,
                               [](const auto& image) {
                                 return image.width > 0 && image.height > 0 &&
                                        !image.file_name.empty() &&
                                        image.file_name.find('/') == std::string::npos;
                               }) &&
           std::ranges::all_of(found.objects, [](const auto& object) { return object.area >= 0; });
  });
}

int fuzz_wfdb(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return 0;
  const auto rest = bytes.subspan(1);
  const auto head = rest.first(rest.size() * bytes[0] / 256);
  return attempt([&] {
    const WfdbHeader header =
        parse_wfdb_header({reinterpret_cast<const char*>(head.data()), head.size()}, "fuzz header");
    const auto marks = parse_wfdb_marks(rest.subspan(head.size()), "fuzz marks");
    const auto values = decode_wfdb_signals(rest, header, "fuzz signals");
    return values.size() % header.signals.size() == 0 &&
           std::ranges::all_of(values, [](float x) { return std::isfinite(x); }) &&
           std::ranges::all_of(marks, [](const WfdbMark& mark) { return mark.sample >= 0; });
  });
}

int fuzz_image(std::span<const std::uint8_t> bytes) {
  return attempt([&] {
    const Shape shape = image_shape(bytes, "fuzz");
    if (shape.elements() > kMostWork) return true;
    const Image image = decode_image(bytes, "fuzz");
    return image.shape == shape &&
           image.pixels.size() == static_cast<std::size_t>(shape.elements());
  });
}

int fuzz_samples(std::span<const std::uint8_t> bytes) {
  std::vector<std::byte> file(bytes.size());
  std::ranges::copy(std::as_bytes(bytes), file.begin());
  SampleFileHeader header;
  if (file.size() >= kValuesBegin) {
    std::memcpy(&header, file.data(), sizeof header);
    const std::size_t rest = file.size() - kValuesBegin;
    const std::size_t index = std::min<std::uint64_t>(header.index_bytes, rest);
    header.index_checksum = checksum(std::span(file).last(index));
    std::memcpy(file.data(), &header, sizeof header);
    header.checksum = checksum(std::span(file).first(kHeaderChecked));
    std::memcpy(file.data(), &header, sizeof header);
  }
  return attempt([&] {
    const SampleFileParts parts = parse_sample_file(file, kFuzzIdentity, "fuzz");
    const std::size_t samples = parts.checksums.size();
    const bool shaped = static_cast<std::size_t>(parts.shape.elements()) <= parts.row_bytes;
    return shaped && parts.values.size() == samples * parts.row_bytes &&
           std::ranges::all_of(parts.splits, [&](const StoredSplit& split) {
             return std::ranges::all_of(split.rows, [&](auto row) { return row < samples; });
           });
  });
}

}  // namespace thimble::fixtures
