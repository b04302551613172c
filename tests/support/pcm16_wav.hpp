#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <vector>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"

namespace thimble::testing {

/// The samples of a WAV file of 16-bit PCM in one channel, and of nothing else:
///
///     "RIFF" size "WAVE", then chunks: name[4] size[4] bytes[size] (padded to even)
///     "fmt ": format 1, channels 1, rate, bytes a second, bytes a frame, bits 16
inline std::vector<std::int16_t> read_pcm16_wav(const std::filesystem::path& path) {
  const auto bytes = read_bytes(path);
  const auto u16 = [&](std::size_t at) { return bytes.at(at) | bytes.at(at + 1) << 8; };
  const auto u32 = [&](std::size_t at) {
    return static_cast<std::size_t>(u16(at)) | static_cast<std::size_t>(u16(at + 2)) << 16;
  };
  const auto is = [&](std::size_t at, const char* name) {
    return at + 4 <= bytes.size() && std::memcmp(bytes.data() + at, name, 4) == 0;
  };
  if (!is(0, "RIFF") || !is(8, "WAVE")) raise<DataError>("{}: is no WAV", path.string());
  for (std::size_t at = 12; at + 8 <= bytes.size(); at += 8 + (u32(at + 4) + 1) / 2 * 2) {
    if (is(at, "fmt ") && (u16(at + 8) != 1 || u16(at + 10) != 1 || u16(at + 22) != 16)) {
      raise<DataError>("{}: must be one channel of 16-bit PCM", path.string());
    }
    if (!is(at, "data")) continue;
    std::vector<std::int16_t> samples(u32(at + 4) / 2);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = static_cast<std::int16_t>(u16(at + 8 + 2 * i));
    }
    return samples;
  }
  raise<DataError>("{}: has no samples", path.string());
}

}  // namespace thimble::testing
