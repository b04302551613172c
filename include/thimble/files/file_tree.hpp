#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "thimble/files/findings.hpp"

namespace thimble {

/// The names in a folder that do not begin with a dot, in the order of their bytes. Empty when the
/// folder cannot be read.
std::vector<std::filesystem::path> folder_entries(const std::filesystem::path& folder);

/// The folders among them (links to folders included).
std::vector<std::filesystem::path> subfolders(const std::filesystem::path& folder);

/// Looks for files, following links, but enters no folder twice.
class FileTree {
 public:
  /// Folders that lead back to `root` are not entered either.
  explicit FileTree(std::filesystem::path root) : root_(std::move(root)) { enter(root_); }

  /// All files below a folder, each as its path below it, in the order of their bytes; hidden ones
  /// (a dot in front) left out. What leads back to a folder that was entered before is noted. A
  /// folder that cannot be read counts as broken.
  std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder,
                                                 Findings& findings, bool strict);

 private:
  /// False when the folder was entered before, or cannot be looked at.
  bool enter(const std::filesystem::path& folder);
  void collect(const std::filesystem::path& folder, const std::filesystem::path& below, int depth,
               Findings& findings, bool strict, std::vector<std::filesystem::path>& files);

  std::filesystem::path root_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> entered_;  // device, number on it
};

/// Whether the name ends in one of these, whatever the case: `.png`.
bool ends_in(const std::filesystem::path& path, std::initializer_list<std::string_view> endings);

/// Whether a file of one of these endings lies below the folder, at most two folders down.
bool holds_file(const std::filesystem::path& folder,
                std::initializer_list<std::string_view> endings);

/// A regular file, whole. Throws DataError of one printable line for what is none, cannot be read,
/// is empty or larger than `most` bytes.
std::vector<std::uint8_t> read_regular_file(const std::filesystem::path& path,
                                            std::uintmax_t most = std::uintmax_t{1} << 28);

/// For complaints: `12 .txt and 3 .pdf files in 2 folders`.
std::string what_lies_at(const std::filesystem::path& path);

}  // namespace thimble
