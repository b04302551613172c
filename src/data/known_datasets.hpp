#pragma once

#include <span>

#include "thimble/data/dataset.hpp"

namespace thimble {

/// What the library knows of a set before it has seen a file of it.
struct KnownDataset {
  DatasetInfo info;
  /// Of the ten classes in the files; a binary variant makes two of them.
  std::vector<std::string> file_classes;
  /// Labels below this become class 1, the others class 0; 0 leaves the classes as they are.
  int binary_below = 0;
  /// Measured on the training split where the set has no customary values.
  std::optional<Normalisation> normalisation;
  AugmentationPolicy augmentation;
};

/// In the order of their names; `info.found` as it is now.
std::vector<KnownDataset> known_dataset_table();

}  // namespace thimble
