#include "thimble/data/samples.hpp"

#include <cmath>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

template <class T>
std::span<const T> sample_of(const std::vector<T>& values, Shape shape, std::size_t index) {
  const auto elements = static_cast<std::size_t>(shape.elements());
  return std::span(values).subspan(index * elements, elements);
}

template <class T>
void pick(const std::vector<T>& from, Shape shape, std::span<const std::uint32_t> indices,
          std::vector<T>& to) {
  if (from.empty()) return;
  to.reserve(indices.size() * static_cast<std::size_t>(shape.elements()));
  for (const std::uint32_t index : indices) {
    const auto sample = sample_of(from, shape, index);
    to.insert(to.end(), sample.begin(), sample.end());
  }
}

/// Mean and deviation of one channel of `values`, in units of the full scale.
struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments(const std::vector<std::uint8_t>& values, std::size_t channel, std::size_t step) {
  std::uint64_t sum = 0;
  std::uint64_t sum_of_squares = 0;
  for (std::size_t i = channel; i < values.size(); i += step) {
    const std::uint64_t value = values[i];
    sum += value;
    sum_of_squares += value * value;
  }
  const auto count = static_cast<double>(values.size() / step);
  const double mean = static_cast<double>(sum) / count;
  return {mean, static_cast<double>(sum_of_squares) / count - mean * mean};
}

/// Twice over the values: a sum of squares alone loses a small deviation beside a large mean.
template <class T>
Moments moments(const std::vector<T>& values, std::size_t channel, std::size_t step) {
  const auto count = static_cast<double>(values.size() / step);
  Moments result;
  for (std::size_t i = channel; i < values.size(); i += step) {
    result.mean += static_cast<double>(values[i]);
  }
  result.mean /= count;
  for (std::size_t i = channel; i < values.size(); i += step) {
    const double distance = static_cast<double>(values[i]) - result.mean;
    result.variance += distance * distance;
  }
  result.variance /= count;
  return result;
}

template <class T>
bool varies(const std::vector<T>& values, std::size_t channel, std::size_t step) {
  for (std::size_t i = channel; i < values.size(); i += step) {
    if (values[i] != values[channel]) return true;
  }
  return false;
}

}  // namespace

std::span<const std::uint8_t> Samples::image(std::size_t index) const {
  return sample_of(pixels, shape, index);
}

std::span<const std::int16_t> Samples::clip(std::size_t index) const {
  return sample_of(sound, shape, index);
}

Samples subset(const Samples& samples, std::span<const std::uint32_t> indices) {
  Samples out{.shape = samples.shape, .pixels = {}, .labels = {}};
  pick(samples.pixels, samples.shape, indices, out.pixels);
  pick(samples.sound, samples.shape, indices, out.sound);
  pick(samples.values, samples.shape, indices, out.values);
  pick(samples.features, samples.shape, indices, out.features);
  out.labels.reserve(indices.size());
  for (const std::uint32_t index : indices) out.labels.push_back(samples.labels[index]);
  if (!samples.names.empty()) {
    for (const std::uint32_t index : indices) out.names.push_back(samples.names[index]);
  }
  return out;
}

Normalisation measure_normalisation(const Samples& samples) {
  THIMBLE_ASSERT(!samples.empty());
  const auto channels = static_cast<std::size_t>(samples.shape.channels);
  return with_values(samples, [&]<class T>(const std::vector<T>& values) {
    Normalisation normalisation;
    for (std::size_t c = 0; c < channels; ++c) {
      const Moments found = moments(values, c, channels);
      // A deviation that float cannot tell from 0 is as good as none.
      const auto stddev = static_cast<float>(std::sqrt(found.variance) / full_scale(T{}));
      normalisation.mean.push_back(static_cast<float>(found.mean / full_scale(T{})));
      normalisation.stddev.push_back(varies(values, c, channels) && stddev > 0 ? stddev : 1.0F);
    }
    return normalisation;
  });
}

}  // namespace thimble
