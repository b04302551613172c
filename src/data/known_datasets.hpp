#pragma once

#include <span>

#include "thimble/data/dataset.hpp"

namespace thimble {

/// What the library knows of a set before it has seen a file of it.
struct KnownDataset {
  DatasetInfo info;
  /// What reads it: a kind of readers().
  std::string_view kind;
  /// Names of the classes in the files, in their order (a binary variant makes two of them); empty:
  /// as the files name them.
  std::vector<std::string> file_classes;
  /// Labels below this become class 1, the others class 0; 0 leaves the classes as they are.
  int binary_below = 0;
  /// Measured on the training split where the set has no customary values.
  std::optional<Normalisation> normalisation;
  /// Nothing: what is usual for data of its kind.
  std::optional<AugmentationPolicy> augmentation;
  /// How it is read where the options say nothing else.
  ReadOptions read = {};
  /// How many samples are drawn for these where the files name no such split; 0: the share that the
  /// options say.
  std::size_t drawn_validation = 0;
  std::size_t drawn_test = 0;
};

/// In the order of their names; `info.found` as it is now.
std::vector<KnownDataset> known_dataset_table();

/// Those of images by class and of photographs, of sound, and of series and tables.
std::vector<KnownDataset> known_image_sets();
std::vector<KnownDataset> known_sound_sets();
std::vector<KnownDataset> known_series_sets();

/// The task of two classes that μNAS makes of a set: is the label below so much?
KnownDataset binary(KnownDataset set, int below);

}  // namespace thimble
