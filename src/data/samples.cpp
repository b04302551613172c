#include "thimble/data/samples.hpp"

#include <cmath>

#include "thimble/core/error.hpp"

namespace thimble {

std::span<const std::uint8_t> Samples::image(std::size_t index) const {
  const auto elements = static_cast<std::size_t>(shape.elements());
  return std::span(pixels).subspan(index * elements, elements);
}

Samples subset(const Samples& samples, std::span<const std::uint32_t> indices) {
  Samples out{.shape = samples.shape, .pixels = {}, .labels = {}};
  out.pixels.reserve(indices.size() * static_cast<std::size_t>(samples.shape.elements()));
  out.labels.reserve(indices.size());
  for (const std::uint32_t index : indices) {
    const auto image = samples.image(index);
    out.pixels.insert(out.pixels.end(), image.begin(), image.end());
    out.labels.push_back(samples.labels[index]);
  }
  return out;
}

Normalisation measure_normalisation(const Samples& samples) {
  THIMBLE_ASSERT(!samples.empty());
  const auto channels = static_cast<std::size_t>(samples.shape.channels);
  std::vector<std::uint64_t> sum(channels);
  std::vector<std::uint64_t> sum_of_squares(channels);
  std::vector<std::uint8_t> varies(channels);
  for (std::size_t i = 0; i < samples.pixels.size(); i += channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      const std::uint64_t value = samples.pixels[i + c];
      sum[c] += value;
      sum_of_squares[c] += value * value;
      varies[c] |= value != samples.pixels[c];
    }
  }
  const auto count = static_cast<double>(samples.pixels.size() / channels);
  Normalisation normalisation;
  for (std::size_t c = 0; c < channels; ++c) {
    const double mean = static_cast<double>(sum[c]) / count;
    const double variance = static_cast<double>(sum_of_squares[c]) / count - mean * mean;
    normalisation.mean.push_back(static_cast<float>(mean / 255));
    normalisation.stddev.push_back(varies[c] ? static_cast<float>(std::sqrt(variance) / 255)
                                             : 1.0F);
  }
  return normalisation;
}

}  // namespace thimble
