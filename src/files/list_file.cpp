#include "thimble/files/list_file.hpp"

#include <sstream>

#include "thimble/core/file.hpp"

namespace thimble {

std::vector<ListedLine> listed_lines(const std::filesystem::path& path) {
  std::istringstream lines(read_text(path));
  std::vector<ListedLine> listed;
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty()) listed.push_back({number, line});
  }
  return listed;
}

}  // namespace thimble
