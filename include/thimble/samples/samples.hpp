#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "thimble/graph/op.hpp"
#include "thimble/samples/augmentation.hpp"
#include "thimble/samples/sample_column.hpp"

namespace thimble {

/// Other versions of the clips that features are made of.
struct FeatureVersions {
  /// What made them.
  WaveformPolicy waveform = {};
  std::size_t count = 0;              ///< of each clip
  std::vector<std::int8_t> features;  ///< [N, count, H, W, C]

  bool operator==(const FeatureVersions&) const = default;
};

/// Labelled samples of one shape. Their values, [N, H, W, C], lie in one of four forms; the others
/// are empty.
struct Samples {
  Shape shape;
  /// Images: a byte stands for byte / 255.
  SampleColumn<std::uint8_t> pixels;
  /// [N], each in [0, classes).
  std::vector<std::int32_t> labels;
  /// Sound: a number stands for itself / 32768.
  SampleColumn<std::int16_t> sound;
  /// Anything else (series, features): finite numbers that stand for themselves.
  SampleColumn<float> values;
  /// What a device's front end makes of sound: a number q stands for itself.
  SampleColumn<std::int8_t> features;
  /// [N], where each sample comes from, fit to be printed; or empty.
  std::vector<std::string> names;
  /// [N], 1 for a sample that is not as it should be (a machine that is broken), 0 for one that is;
  /// or empty: nobody says.
  std::vector<std::uint8_t> anomalous = {};
  /// [N], the number of the recording that each sample is a window of; or empty: the names tell.
  std::vector<std::int32_t> clips = {};
  /// Beside `features`, for training; or empty.
  std::vector<FeatureVersions> versions = {};

  std::size_t size() const { return labels.size(); }
  bool empty() const { return labels.empty(); }
  /// The bytes of one image, [H, W, C]. Only where the values are `pixels`.
  std::span<const std::uint8_t> image(std::size_t index) const;
  /// The samples of one clip. Only where the values are `sound`.
  std::span<const std::int16_t> clip(std::size_t index) const;

  bool operator==(const Samples&) const = default;
};

/// What a stored value is divided by.
constexpr double full_scale(std::uint8_t) { return 255; }
constexpr double full_scale(std::int16_t) { return 32768; }
constexpr double full_scale(float) { return 1; }
constexpr double full_scale(std::int8_t) { return 1; }

/// Calls `call` with the column that holds the values of `samples`.
template <class AnySamples, class Call>
decltype(auto) with_values(AnySamples& samples, Call call) {
  if (!samples.sound.empty()) return call(samples.sound);
  if (!samples.values.empty()) return call(samples.values);
  if (!samples.features.empty()) return call(samples.features);
  return call(samples.pixels);
}

/// The versions that `waveform` made; null: there are none.
const FeatureVersions* find_versions(const Samples& samples, const WaveformPolicy& waveform);

/// The samples of these indices, in their order, with their versions. Copies what is in memory,
/// nothing of what is stored.
Samples subset(const Samples& samples, std::span<const std::uint32_t> indices);

/// The number of the recording that each sample is of, [N]: its `clips`; where there are none,
/// samples of one name are of one; where there are no names, each is one of its own.
std::vector<std::int32_t> clip_numbers(const Samples& samples);

/// y = (x − mean[c]) / stddev[c] for the value x of channel c: a byte / 255, sound / 32768, or a
/// number or feature as it is.
struct Normalisation {
  std::vector<float> mean;    // [C]
  std::vector<float> stddev;  // [C], above 0
};

/// Mean and (population) standard deviation of each channel over all samples and places; of bytes
/// summed exactly in integers. A channel that never varies gets stddev 1. Needs at least one
/// sample.
Normalisation measure_normalisation(const Samples& samples);

}  // namespace thimble
