#include "thimble/samples/samples.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// Mean and variance of one channel, in stored units.
struct Moments {
  double mean = 0;
  double variance = 0;
};

/// Goes over the samples once for all channels: they may lie on a disk.
template <class T, class Call>
void for_each_sample(const SampleColumn<T>& values, Shape shape, Call call) {
  const auto elements = static_cast<std::size_t>(shape.elements());
  for (std::size_t i = 0; i * elements < values.size(); ++i) call(values.row(i, elements));
}

std::vector<Moments> moments(const SampleColumn<std::uint8_t>& values, Shape shape) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  std::vector<std::uint64_t> sums(channels);
  std::vector<std::uint64_t> sums_of_squares(channels);
  for_each_sample(values, shape, [&](std::span<const std::uint8_t> sample) {
    for (std::size_t c = 0; c < channels; ++c) {
      std::uint64_t sum = 0;
      std::uint64_t sum_of_squares = 0;
      for (std::size_t i = c; i < sample.size(); i += channels) {
        const std::uint64_t value = sample[i];
        sum += value;
        sum_of_squares += value * value;
      }
      sums[c] += sum;
      sums_of_squares[c] += sum_of_squares;
    }
  });
  const auto count = static_cast<double>(values.size() / channels);
  std::vector<Moments> result;
  for (std::size_t c = 0; c < channels; ++c) {
    const double mean = static_cast<double>(sums[c]) / count;
    result.push_back({mean, static_cast<double>(sums_of_squares[c]) / count - mean * mean});
  }
  return result;
}

/// Twice over the values: a sum of squares alone loses a small deviation beside a large mean.
template <class T>
std::vector<Moments> moments(const SampleColumn<T>& values, Shape shape) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  const auto count = static_cast<double>(values.size() / channels);
  std::vector<Moments> result(channels);
  for_each_sample(values, shape, [&](std::span<const T> sample) {
    for (std::size_t i = 0; i < sample.size(); i += channels) {
      for (std::size_t c = 0; c < channels; ++c)
        result[c].mean += static_cast<double>(sample[i + c]);
    }
  });
  for (Moments& channel : result) channel.mean /= count;
  for_each_sample(values, shape, [&](std::span<const T> sample) {
    for (std::size_t i = 0; i < sample.size(); i += channels) {
      for (std::size_t c = 0; c < channels; ++c) {
        const double distance = static_cast<double>(sample[i + c]) - result[c].mean;
        result[c].variance += distance * distance;
      }
    }
  });
  for (Moments& channel : result) channel.variance /= count;
  return result;
}

/// Whether each channel has more than one value; ends as soon as all have.
template <class T>
std::vector<bool> varying(const SampleColumn<T>& values, Shape shape) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  const auto elements = static_cast<std::size_t>(shape.elements());
  std::vector<bool> found(channels);
  std::size_t left = channels;
  const auto first = values.row(0, elements);
  for (std::size_t at = 0; left > 0 && at < values.size(); at += elements) {
    const auto sample = values.row(at / elements, elements);
    for (std::size_t i = 0; i < elements; ++i) {
      const std::size_t c = i % channels;
      if (found[c] || sample[i] == first[c]) continue;
      found[c] = true;
      --left;
    }
  }
  return found;
}

}  // namespace

std::span<const std::uint8_t> Samples::image(std::size_t index) const {
  return pixels.row(index, static_cast<std::size_t>(shape.elements()));
}

std::span<const std::int16_t> Samples::clip(std::size_t index) const {
  return sound.row(index, static_cast<std::size_t>(shape.elements()));
}

const FeatureVersions* find_versions(const Samples& samples, const WaveformPolicy& waveform) {
  const auto found = std::ranges::find(samples.versions, waveform, &FeatureVersions::waveform);
  return found == samples.versions.end() ? nullptr : &*found;
}

Samples subset(const Samples& samples, std::span<const std::uint32_t> indices) {
  const auto elements = static_cast<std::size_t>(samples.shape.elements());
  Samples out{.shape = samples.shape,
              .pixels = samples.pixels.picked(indices, elements),
              .labels = {},
              .sound = samples.sound.picked(indices, elements),
              .values = samples.values.picked(indices, elements),
              .features = samples.features.picked(indices, elements)};
  out.labels.reserve(indices.size());
  for (const std::uint32_t index : indices) out.labels.push_back(samples.labels[index]);
  if (!samples.names.empty()) {
    for (const std::uint32_t index : indices) out.names.push_back(samples.names[index]);
  }
  if (!samples.anomalous.empty()) {
    for (const std::uint32_t index : indices) out.anomalous.push_back(samples.anomalous[index]);
  }
  if (!samples.clips.empty()) {
    for (const std::uint32_t index : indices) out.clips.push_back(samples.clips[index]);
  }
  for (const FeatureVersions& versions : samples.versions) {
    const std::size_t length = versions.count * elements;
    FeatureVersions picked{.waveform = versions.waveform, .count = versions.count, .features = {}};
    for (const std::uint32_t index : indices) {
      const auto of_clip = std::span(versions.features).subspan(index * length, length);
      picked.features.insert(picked.features.end(), of_clip.begin(), of_clip.end());
    }
    out.versions.push_back(std::move(picked));
  }
  return out;
}

std::vector<std::int32_t> clip_numbers(const Samples& samples) {
  if (!samples.clips.empty()) return samples.clips;
  std::vector<std::int32_t> numbers(samples.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  if (samples.names.empty()) return numbers;
  std::unordered_map<std::string_view, std::int32_t> first;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = first.try_emplace(samples.names[i], numbers[i]).first->second;
  }
  return numbers;
}

Normalisation measure_normalisation(const Samples& samples) {
  THIMBLE_ASSERT(!samples.empty());
  const auto channels = static_cast<std::size_t>(samples.shape.channels);
  return with_values(samples, [&]<class T>(const SampleColumn<T>& values) {
    const std::vector<Moments> found = moments(values, samples.shape);
    const std::vector<bool> varies = varying(values, samples.shape);
    Normalisation normalisation;
    for (std::size_t c = 0; c < channels; ++c) {
      // A deviation that float cannot tell from 0 is as good as none.
      const auto stddev = static_cast<float>(std::sqrt(found[c].variance) / full_scale(T{}));
      normalisation.mean.push_back(static_cast<float>(found[c].mean / full_scale(T{})));
      normalisation.stddev.push_back(varies[c] && stddev > 0 ? stddev : 1.0F);
    }
    return normalisation;
  });
}

}  // namespace thimble
