#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "thimble/core/printable.hpp"

namespace thimble {

/// What a reader came upon beside samples; every line is fit to be printed.
struct Findings {
  /// So many broken files are listed, the others only counted.
  static constexpr std::size_t kListed = 10;

  /// Files that were left out because they could not be read.
  std::size_t broken = 0;
  std::vector<std::string> broken_files;
  /// What was left out on purpose, or is odd about the set.
  std::vector<std::string> notes;

  /// Counts a file that could not be read. With `strict` throws a DataError of `complaint` instead.
  void add_broken(std::string_view complaint, bool strict);
  void note(std::string text) { notes.push_back(std::move(text)); }

  bool operator==(const Findings&) const = default;
};

}  // namespace thimble
