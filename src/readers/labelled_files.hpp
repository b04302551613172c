#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "class_names.hpp"
#include "thimble/readers/reader.hpp"

namespace thimble {

enum class Split : std::uint8_t { kTraining, kValidation, kTest };

/// A part of a longer recording.
struct Excerpt {
  double at = 0;  ///< in [0, 1) of the places where it can begin
  float volume = 1;
};

/// One sample that lies in a file of its own.
struct LabelledFile {
  std::filesystem::path path;
  std::string name;  ///< printable, relative to the set
  std::int32_t label = 0;
  Split split = Split::kTraining;
  std::int32_t group = -1;  ///< -1: not known
  std::optional<Excerpt> excerpt = {};
  std::optional<bool> anomalous = {};  ///< nothing: nobody says
};

struct FileSet {
  std::vector<LabelledFile> files;
  std::vector<std::string> class_names;
  Findings findings;
};

/// Which split a word means: train, training, val, valid, validation, dev, test, testing. Throws
/// DataError beginning with `place` for any other.
Split split_of(std::string_view word, std::string_view place);
bool is_split_name(std::string_view word);

/// Whether the subfolders that may be classes are all named as splits.
bool holds_splits(const std::filesystem::path& folder,
                  const std::function<bool(const std::string& class_name)>& is_class);

/// The files of one class each in the folder of its name, at any depth; classes in the order of
/// their names. A folder whose subfolders are all named as splits holds such a tree in each. What
/// has none of the endings is left out and counted; a class without a file is no class.
FileSet files_by_class(const std::filesystem::path& folder,
                       std::initializer_list<std::string_view> endings,
                       const std::function<bool(const std::string& class_name)>& is_class,
                       bool strict);

/// Puts the classes into their order (class_names.hpp); the files' labels follow.
void sort_classes(FileSet& set);

/// The part of the set that a file belongs to.
Samples& part_of(RawDataset& set, Split split);

/// Reads every file of the set through `read(file, set)`, which appends the values of so many
/// samples as it returns, or throws DataError; then the file counts as broken. Labels, names,
/// groups and what is anomalous are filled in here; where any file says whether it is, one that
/// does not is not.
RawDataset read_files(FileSet files, const ReadOptions& options, Shape shape,
                      const std::function<std::size_t(const LabelledFile&, Samples&)>& read);

}  // namespace thimble
