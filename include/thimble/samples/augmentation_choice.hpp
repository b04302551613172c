#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "thimble/samples/augmentation.hpp"
#include "thimble/samples/samples.hpp"

namespace thimble {

/// What samples are, as far as it decides how they can be varied.
enum class DataKind {
  kImages,    ///< bytes
  kArrays,    ///< other numbers in two dimensions, as a front end of the user's own makes them
  kSeries,    ///< numbers in steps of time, or a single row of them
  kWaveform,  ///< sound as it is
  kFeatures,  ///< sound as a front end has it
};

DataKind data_kind(const Samples& samples);

/// How a path's samples are varied where nothing is known of them but what they are: so that their
/// labels seldom become wrong (nothing is mirrored). docs/data.md has the table.
AugmentationPolicy usual_augmentation(DataKind kind, Shape shape);

/// Which of the data set's own variations the training samples get.
enum class Augmentation {
  kNone,
  /// Mirroring alone, where the set allows it.
  kMirror,
  kFull,
};

/// One variation by its name.
struct ChosenVariation {
  std::string name;
  /// How much; empty: as is usual.
  std::vector<double> numbers = {};
  bool off = false;

  bool operator==(const ChosenVariation&) const = default;
};

/// What a policy is made of: some of the set's own variations, and in their place or beside them
/// what is said by name, the last one said of a name.
struct AugmentationChoice {
  AugmentationChoice() = default;
  AugmentationChoice(Augmentation own) : base(own) {}

  Augmentation base = Augmentation::kNone;
  std::vector<ChosenVariation> variations = {};

  bool operator==(const AugmentationChoice&) const = default;
};

/// Reads `none`, `mirror` or `full`, or a list such as `shift=2,flip,cutout=8`, whose first item
/// may be one of those three. An item is NAME (as much as is usual), NAME=NUMBER, NAME=LOW..HIGH or
/// NAME=off. Throws ConfigError of one line for a name that no kind of data has (with the nearest
/// one) and a value that is none of these.
AugmentationChoice parse_augmentation(std::string_view text);

/// The policy for samples of this kind and shape, whose own one is `own`. What the set's own one
/// has for another form of the same data (noise, where sound goes through no front end) is left
/// out. Throws ConfigError of one line for a variation by name that the kind of data has none of
/// (with those that it has), and for a number out of range.
AugmentationPolicy augmentation_policy(const AugmentationChoice& choice,
                                       const AugmentationPolicy& own, DataKind kind, Shape shape);

}  // namespace thimble
