#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "cache_folder.hpp"
#include "cached_read.hpp"
#include "checksum.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

//     0        which samples of which set, 8 bytes
//     8        means, then deviations, of C channels, 4 bytes each
//     8 + 8C   checksum of what is before, 8 bytes

std::uint64_t key_of(const Samples& samples, const Identity& identity) {
  const auto rows = with_values(samples, [](const auto& column) { return column.stored_rows(); });
  const std::uint64_t parts[] = {checksum(std::as_bytes(std::span(identity))),
                                 checksum(std::as_bytes(rows))};
  return checksum(std::as_bytes(std::span(parts)));
}

std::optional<Normalisation> parse(std::span<const std::uint8_t> file, std::uint64_t key,
                                   std::size_t channels) {
  const std::size_t checked = 8 + 8 * channels;
  if (file.size() != checked + 8) return std::nullopt;
  std::uint64_t words[2];
  std::memcpy(&words[0], file.data(), 8);
  std::memcpy(&words[1], file.data() + checked, 8);
  if (words[0] != key || words[1] != checksum(std::as_bytes(file.first(checked)))) {
    return std::nullopt;
  }
  Normalisation read{.mean = std::vector<float>(channels), .stddev = std::vector<float>(channels)};
  std::memcpy(read.mean.data(), file.data() + 8, 4 * channels);
  std::memcpy(read.stddev.data(), file.data() + 8 + 4 * channels, 4 * channels);
  return read;
}

std::vector<std::uint8_t> to_bytes(const Normalisation& normalisation, std::uint64_t key) {
  std::vector<std::uint8_t> bytes;
  const auto append = [&](const void* data, std::size_t size) {
    const auto* first = static_cast<const std::uint8_t*>(data);
    bytes.insert(bytes.end(), first, first + size);
  };
  append(&key, sizeof key);
  append(normalisation.mean.data(), 4 * normalisation.mean.size());
  append(normalisation.stddev.data(), 4 * normalisation.stddev.size());
  const std::uint64_t sum = checksum(std::as_bytes(std::span(bytes)));
  append(&sum, sizeof sum);
  return bytes;
}

}  // namespace

Normalisation cached_normalisation(const Samples& samples, const fs::path& path,
                                   const Identity& identity) {
  const std::uint64_t key = key_of(samples, identity);
  const fs::path beside = path.parent_path() / fmt::format("{}.{:016x}{}", path.stem().string(),
                                                           key, kNormalisationEnding);
  try {
    const auto channels = static_cast<std::size_t>(samples.shape.channels);
    if (const auto found = parse(read_bytes(beside), key, channels)) return *found;
  } catch (const std::exception&) {
    // Not there, or not to be read: measured.
  }
  Normalisation measured = measure_normalisation(samples);
  try {
    write_file(beside, to_bytes(measured, key));
  } catch (const DataError&) {
    // The next run measures it again.
  }
  return measured;
}

}  // namespace thimble
