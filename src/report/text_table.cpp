#include "thimble/report/text_table.hpp"

#include <algorithm>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

std::size_t width_of(const std::string& text) {
  // A byte 10xxxxxx goes on with a code point that an earlier byte began.
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string text_table(const std::vector<Column>& columns,
                       const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : columns) lines[0].push_back(column.title);
  lines.insert(lines.end(), rows.begin(), rows.end());
  std::vector<std::size_t> widths(columns.size(), 0);
  for (const auto& line : lines) {
    THIMBLE_ASSERT(line.size() == columns.size());
    for (std::size_t c = 0; c < line.size(); ++c)
      widths[c] = std::max(widths[c], width_of(line[c]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::string out;
    for (std::size_t c = 0; c < line.size(); ++c) {
      const std::string blanks(widths[c] - width_of(line[c]), ' ');
      if (c > 0) out += "  ";
      out += columns[c].align == Align::kRight ? blanks + line[c] : line[c] + blanks;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + '\n';
  }
  return text;
}

}  // namespace thimble
