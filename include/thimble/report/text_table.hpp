#pragma once

#include <string>
#include <vector>

namespace thimble {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

/// Columns as wide as their widest cell, two blanks apart, no blanks at the end of a line; every
/// row has a cell for each column. Widths are counted in code points of UTF-8.
std::string text_table(const std::vector<Column>& columns,
                       const std::vector<std::vector<std::string>>& rows);

}  // namespace thimble
