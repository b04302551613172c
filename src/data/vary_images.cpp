#include <algorithm>

#include "vary_values.hpp"

namespace thimble {
namespace {

constexpr float kRed = 0.299F;
constexpr float kGreen = 0.587F;
constexpr float kBlue = 0.114F;

float held(float x) { return std::clamp(x, 0.0F, 1.0F); }

}  // namespace

void vary_colours(const Colours& colours, const Normalisation& normalisation, Shape shape,
                  std::span<float> image) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  const auto brightness = static_cast<float>(colours.brightness);
  const auto contrast = static_cast<float>(colours.contrast);
  const auto saturation = static_cast<float>(colours.saturation);
  const bool rgb = channels == 3;
  const float weights[] = {kRed, kGreen, kBlue};
  float grey_sum = 0;
  for (std::size_t i = 0; i < image.size(); i += channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      float& x = image[i + c];
      x = held(brightness * (x * normalisation.stddev[c] + normalisation.mean[c]));
      grey_sum += rgb ? weights[c] * x : x;
    }
  }
  const std::size_t greys = rgb ? image.size() / 3 : image.size();
  const float added = (1 - contrast) * (grey_sum / static_cast<float>(greys));
  for (std::size_t i = 0; i < image.size(); i += channels) {
    const auto pixel = image.subspan(i, channels);
    for (float& x : pixel) x = held(contrast * x + added);
    if (rgb) {
      const float grey = kRed * pixel[0] + kGreen * pixel[1] + kBlue * pixel[2];
      for (float& x : pixel) x = held(saturation * x + (1 - saturation) * grey);
    }
    for (std::size_t c = 0; c < channels; ++c) {
      pixel[c] = (pixel[c] - normalisation.mean[c]) / normalisation.stddev[c];
    }
  }
}

void blank(const Patch& patch, Shape shape, std::span<float> sample) {
  const auto channels = static_cast<std::ptrdiff_t>(shape.channels);
  for (std::ptrdiff_t row = patch.first_row; row < patch.end_row; ++row) {
    const auto begin = sample.begin() + row * shape.width * channels;
    std::fill(begin + patch.first_column * channels, begin + patch.end_column * channels, 0.0F);
  }
}

}  // namespace thimble
