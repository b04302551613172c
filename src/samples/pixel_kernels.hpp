#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "thimble/samples/samples.hpp"

namespace thimble {

// What is done to every value of a sample, [pixels, C], in vectors.

/// A sample is worked on in blocks of so many pixels, so that a block of any number of channels is
/// a whole number of vectors.
inline constexpr std::size_t kBlockPixels = 16;

/// What the channels are scaled by, each list repeated over the pixels of a block: [16, C].
struct ChannelPatterns {
  ChannelPatterns() = default;
  /// Of values whose full scale is `full`.
  ChannelPatterns(const Normalisation& normalisation, double full);

  std::size_t channels = 0;
  std::vector<float> scale, offset;  ///< a stored value x is x · scale + offset
  std::vector<float> stddev, mean;  ///< a normalised one, times stddev and plus mean, is in 0 … 1
  std::vector<float> inverse;       ///< 1 / stddev; what was in 0 … 1 is x · inverse + offset
  std::vector<float> grey;          ///< what a channel counts in a pixel's grey
};

/// Normalises whole pixels. `out` has as many values.
void normalise(std::span<const std::uint8_t> pixels, const ChannelPatterns& patterns, float* out);
void normalise(std::span<const std::int8_t> pixels, const ChannelPatterns& patterns, float* out);
void normalise(std::span<const std::int16_t> pixels, const ChannelPatterns& patterns, float* out);
void normalise(std::span<const float> pixels, const ChannelPatterns& patterns, float* out);

/// Channels are padded to a multiple of so many in an image that is read between its pixels.
inline constexpr std::size_t kFramedChannels = 4;

/// A normalised image in a black frame one pixel wide, [H + 2, W + 2, channels].
struct FramedImage {
  int height = 0;  ///< without the frame
  int width = 0;
  std::size_t channels = 0;   ///< a multiple of kFramedChannels
  std::vector<float> values;  ///< of the channels beyond the image's any
  // What read_between finds out of a row before it reads it: where, and how far between.
  std::vector<std::int32_t> corners;
  std::vector<float> to_right, to_bottom;
};

/// `pixels`, [H, W, C], is followed by kFramedChannels values more; black is a stored 0.
void frame(const float* pixels, Shape shape, bool mirrored, const ChannelPatterns& patterns,
           FramedImage& framed);

/// Where the pixels of a row are read, x = 0, 1, …: at (u + cosine · right[x], v − sine ·
/// right[x]), both counted from the frame's first pixel. `right` is followed by kBlockPixels
/// numbers more.
struct SlantedRow {
  float u = 0;
  float v = 0;
  float cosine = 1;
  float sine = 0;
  std::span<const float> right;
};

/// Reads them, bilinear, as [pixels, channels]; outside the frame everything is black. Up to
/// kFramedChannels − 1 values behind the row are overwritten.
void read_between(FramedImage& image, const SlantedRow& row, std::size_t channels, float* out);

/// Turns normalised values into those of 0 … 1, times `brightness` and held there; answers with the
/// sum of the pixels' greys.
float brighten(float brightness, const ChannelPatterns& patterns, std::span<float> image);

/// Values in 0 … 1 times `contrast` and plus `added`, held there; of three channels, then, away
/// from or towards the pixel's grey by `saturation` and held again; normalised.
void restore(float contrast, float added, float saturation, const ChannelPatterns& patterns,
             std::span<float> image);

}  // namespace thimble
