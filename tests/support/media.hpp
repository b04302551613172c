#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "support/fixtures.hpp"

namespace thimble::fixtures {

/// Grey or RGB pixels, [H, W, C], as files of each format.
ByteVector png(int height, int width, int channels, const ByteVector& pixels);
ByteVector jpeg(int height, int width, int channels, const ByteVector& pixels);
/// 24 bits a pixel, bottom row first.
ByteVector bmp(int height, int width, const ByteVector& rgb);
ByteVector pgm(int height, int width, const ByteVector& pixels);

/// PCM of 16 bits, the samples of all channels interleaved.
ByteVector wav(const std::vector<std::int16_t>& samples, int rate = 16'000, int channels = 1);
ByteVector flac(const std::vector<std::int16_t>& samples, int rate = 16'000, int channels = 1);

/// A stored (not deflated) ZIP archive.
ByteVector zip(const std::vector<std::pair<std::string, ByteVector>>& files);

inline ByteVector bytes(const std::string& text) { return {text.begin(), text.end()}; }

inline void append(ByteVector& to, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
inline void append(ByteVector& to, const std::string& text) {
  to.insert(to.end(), text.begin(), text.end());
}

}  // namespace thimble::fixtures
