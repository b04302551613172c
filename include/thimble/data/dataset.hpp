#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "thimble/data/cache.hpp"
#include "thimble/files/findings.hpp"
#include "thimble/readers/read_options.hpp"
#include "thimble/samples/augmentation.hpp"
#include "thimble/samples/samples.hpp"

namespace thimble {

/// A set ready for training: training samples to learn from, validation samples to select by, test
/// samples to be looked at once.
struct Dataset {
  std::string name;
  int classes = 0;
  std::vector<std::string> class_names;
  Samples train;
  Samples validation;
  Samples test;
  Normalisation normalisation;
  /// The customary one of a set that is known by name; where there is none, `usual_augmentation`.
  AugmentationPolicy augmentation;
  /// Recordings of what may be heard behind the clips of a set of sound; or empty.
  std::vector<std::filesystem::path> noise = {};
  /// How it was read: a kind of readers().
  std::string kind;
  Findings findings;

  Shape shape() const { return train.shape; }
};

struct DatasetOptions {
  /// Decides which samples go into which split, and nothing else.
  std::uint64_t seed = 0;
  /// Of the training files, drawn class by class; 0 for none. In [0, 0.9].
  double validation_share = 0.1;
  /// Of the training files when the set has no test files of its own. In (0, 0.9]; both shares
  /// together at most 0.9.
  double test_share = 0.15;
  /// Draws class by class even where groups are known.
  bool mix_groups = false;
  /// What is given here goes before what a known set is usually read with. Its seed is the one
  /// above, its hooks are set here.
  ReadOptions read;
  /// For files that are slower to read than a copy of the samples. By default all stays in memory.
  CacheOptions cache;
  /// Told, where it is set, how far the reading of a path is …
  std::function<void(const ReadingProgress&)> progress;
  /// … and, in one line, what went wrong and does no harm but to the time of the next run.
  std::function<void(const std::string&)> warn;
};

/// A known set by its name, or the path of a set in one of the formats of readers(), perhaps with
/// its kind in front: `images:photos`. A known name wins over a folder of that name in the current
/// directory (write `./mnist` for the latter). Files that cannot be read are left out and said in
/// `findings`, or refused where the options are strict. Splits that the files name are kept; what
/// is missing of validation and test is drawn from the training samples, by group where a group is
/// known and none shall be mixed, else class by class. Throws ConfigError for an unknown name or
/// kind (with the nearest one) or a share out of range, DataError for a set that is absent (with
/// where it was looked for and how to get it), damaged (naming the file and what was expected), too
/// small to learn from, or too large for memory where there is no cache.
Dataset load_dataset(std::string_view name_or_path, const DatasetOptions& options = {});

/// How many of the set's validation and test samples have the very values of a sample of an earlier
/// split (training, validation, test): what is measured on them is too good.
struct Duplicates {
  std::size_t validation = 0;  ///< validation samples that are in training too
  std::size_t test = 0;        ///< test samples that are in training or validation too
  /// The first ones of test and validation: `a.png = b.png`, or numbers within their splits.
  std::vector<std::string> examples;
};

/// Linear in the size of the set.
Duplicates find_duplicates(const Dataset& dataset);

/// A set that is known by name.
struct DatasetInfo {
  std::string name;
  std::string summary;  // one line
  /// Of a sample where the options say nothing else.
  Shape shape;
  int classes = 0;
  /// Samples of the files, validation included; both 0: they hang on options or on the files.
  std::size_t train_size = 0;
  std::size_t test_size = 0;
  /// Where it is looked for, in this order.
  std::vector<std::filesystem::path> folders;
  /// The first of `folders` that holds it; none when it is absent.
  std::optional<std::filesystem::path> found;
  /// The authors' page, or who gives the set out.
  std::string home;
  /// What there is to fetch, as far as it is known; may be empty.
  std::string download;
  /// What to do with it, one line.
  std::string how_to_get;
  std::string licence;  // of the data
  /// The front end that the field uses with it (`--features`); empty: none, or no sound.
  std::string features = {};
};

/// In the order of their names.
std::vector<DatasetInfo> known_datasets();

/// Where data sets lie: $THIMBLE_DATA, else ~/.cache/thimble/data.
std::filesystem::path data_folder();

}  // namespace thimble
