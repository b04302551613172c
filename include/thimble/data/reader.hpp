#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thimble/data/samples.hpp"

namespace thimble {

/// A set as its files have it, before any split of ours. Every label is a class.
struct RawDataset {
  Samples train;
  /// Empty when the files hold no test split.
  Samples test;
  std::vector<std::string> class_names;
};

/// What is known of a set beforehand; files that say otherwise are refused.
struct Expected {
  std::optional<Shape> shape;
  std::optional<int> classes;
};

/// One format of data sets. A new format is a new file and one more row in readers().
struct Reader {
  std::string_view format;
  /// What a folder of this format holds, for people.
  std::string_view files;
  /// Whether the folder is (perhaps incompletely) of this format; looks at names only.
  bool (*recognises)(const std::filesystem::path& folder);
  /// Throws DataError naming the file and what was expected.
  RawDataset (*read)(const std::filesystem::path& folder, const Expected& expected);
};

std::span<const Reader> readers();

/// The first reader that recognises the folder; null when none does.
const Reader* find_reader(const std::filesystem::path& folder);

}  // namespace thimble
