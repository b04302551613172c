#include <algorithm>

#include "vary_values.hpp"

namespace thimble {

void vary_colours(const Colours& colours, const ChannelPatterns& patterns, std::span<float> image) {
  const float greys = brighten(static_cast<float>(colours.brightness), patterns, image);
  const float mean =
      greys * static_cast<float>(patterns.channels) / static_cast<float>(image.size());
  const auto contrast = static_cast<float>(colours.contrast);
  restore(contrast, (1 - contrast) * mean, static_cast<float>(colours.saturation), patterns, image);
}

void blank(const Patch& patch, Shape shape, std::span<float> sample) {
  const auto channels = static_cast<std::ptrdiff_t>(shape.channels);
  for (std::ptrdiff_t row = patch.first_row; row < patch.end_row; ++row) {
    const auto begin = sample.begin() + row * shape.width * channels;
    std::fill(begin + patch.first_column * channels, begin + patch.end_column * channels, 0.0F);
  }
}

}  // namespace thimble
