#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thimble/files/findings.hpp"
#include "thimble/readers/read_options.hpp"
#include "thimble/samples/samples.hpp"

namespace thimble {

/// A set as its files have it, before any split of ours. Every label is a class.
struct RawDataset {
  Samples train;
  /// Empty when the files name no validation split.
  Samples validation;
  /// Empty when the files hold no test split.
  Samples test;
  std::vector<std::string> class_names;
  /// [train.size()], who or what a training sample comes from (a speaker, a record), so that no
  /// group is divided among splits; empty: not known.
  std::vector<std::int32_t> groups;
  Findings findings;
};

/// What is known of a set beforehand; files that say otherwise are refused.
struct Expected {
  std::optional<Shape> shape;
  std::optional<int> classes;
};

/// One format of data sets. A new format is a new file and one more row in readers().
struct Reader {
  /// What `--data KIND:PATH` calls it.
  std::string_view kind;
  std::string_view format;
  /// What a folder of this format holds (or what file it is), for people.
  std::string_view files;
  /// Whether the path is (perhaps incompletely) of this format; looks at names, and at the first
  /// lines where names leave it open. False for what cannot be looked at.
  bool (*recognises)(const std::filesystem::path& path);
  /// Throws DataError naming the file and what was expected.
  RawDataset (*read)(const std::filesystem::path& path, const Expected& expected,
                     const ReadOptions& options);
  /// All files that what is read can depend on, whether they are there or not, and maybe more.
  std::vector<std::filesystem::path> (*sources)(const std::filesystem::path& path);
  /// Reading takes no longer than reading a copy of the samples would: one is made only of what the
  /// memory does not hold.
  bool quick = false;
};

/// In the order in which they are asked.
std::span<const Reader> readers();

/// The first reader that recognises the path; null when none does.
const Reader* find_reader(const std::filesystem::path& path);

/// A path and what reads it.
struct Source {
  const Reader* reader = nullptr;
  std::filesystem::path path;
};

/// `PATH`, whose kind is found out, or `KIND:PATH`. Throws DataError for a path where nothing lies
/// or that holds no set (with what it holds and the kinds there are), ConfigError for a kind that
/// there is not (with the nearest one).
Source find_source(std::string_view text);

}  // namespace thimble
