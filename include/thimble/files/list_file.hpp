#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace thimble {

/// A line of a text file that names one thing a line.
struct ListedLine {
  std::size_t number = 0;  ///< in the file, from 1
  std::string text;        ///< without spaces at its end; never empty
};

/// All lines but empty ones. Throws DataError when the file cannot be read.
std::vector<ListedLine> listed_lines(const std::filesystem::path& path);

}  // namespace thimble
