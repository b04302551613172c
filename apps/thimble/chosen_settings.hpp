#pragma once

#include <cstddef>
#include <optional>

#include "feature_settings.hpp"
#include "settings.hpp"
#include "thimble/graph/op.hpp"
#include "thimble/samples/augmentation_choice.hpp"

namespace thimble::cli {

/// What settings that are left to the program are chosen by.
struct DataTraits {
  std::size_t training = 0;  ///< samples
  Shape shape;               ///< of a sample, as a network takes it
  DataKind kind = DataKind::kImages;
  /// Of sound, seconds from one answer to the next: those that a sample hears, or those between two
  /// windows; none: the data do not come in a stream.
  std::optional<double> seconds;
};

/// A set of many small images: settings are checked with it before anything is loaded.
inline constexpr DataTraits kManyImages{
    .training = 54'000, .shape = {28, 28, 1}, .kind = DataKind::kImages, .seconds = {}};

DataTraits traits_of(const NetworkData& data);

/// Gives every setting that is `auto` its value:
///
///  - `batch`: a power of two, about a 64th of the training samples, in 16..128, for a small set
///    wants many small steps;
///  - `epochs` of a candidate: 844 steps, which are two epochs of 54,000 samples in batches of 128,
///    in 2..50 epochs; `final-epochs`, and the `epochs` of a command that has none of those: 15
///    times as many, in 30..200;
///  - `learning-rate`: 0.1 for SGD and 0.001 for AdamW, in proportion less for batches smaller than
///    128;
///  - `enough-params`: 100 for each training sample;
///  - `augment` and `final-augment`: `automatic_augmentation`;
///  - `space`: mlp for rows of numbers (1×1×D), munas for all else.
///
/// Sound on a device gets a bound of `macs` where none was given: what the device computes from one
/// answer to the next, for a network that takes longer falls behind. All else stays as it is.
/// Throws ConfigError for an unknown device.
void choose_for(Settings& settings, const DataTraits& data);

}  // namespace thimble::cli
