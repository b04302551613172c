#include "event_list.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/printable.hpp"
#include "thimble/core/text.hpp"

namespace thimble::cli {
namespace {

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\"");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\"") - begin + 1));
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream parts(line);
  for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(trimmed(cell));
  return cells;
}

/// Seconds, 0 or more.
std::optional<double> seconds_of(const std::string& cell) {
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto [stop, status] = std::from_chars(cell.data(), end, value);
  if (status != std::errc{} || stop != end || !std::isfinite(value) || value < 0)
    return std::nullopt;
  return value;
}

}  // namespace

bool is_background(const std::string& class_name) { return class_name.starts_with('_'); }

std::vector<features::Event> read_events(const std::string& path,
                                         const std::vector<std::string>& class_names) {
  std::vector<features::Event> events;
  std::istringstream lines(read_text(path));
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (trimmed(line).empty()) continue;
    const auto cells = cells_of(line);
    if (number == 1 && cells == std::vector<std::string>{"start_s", "end_s", "label"}) continue;
    const std::string place = fmt::format("{}:{}", printable(path), number);
    if (cells.size() != 3) {
      raise<DataError>("{}: cells = {}: must be start_s,end_s,label", place, cells.size());
    }
    const auto start = seconds_of(cells[0]);
    const auto end = seconds_of(cells[1]);
    if (!start || !end || *end < *start) {
      raise<DataError>("{}: time = {} … {}: must be seconds from 0 on, in order", place,
                       printable(cells[0]), printable(cells[1]));
    }
    const auto found = std::ranges::find(class_names, cells[2]);
    if (found == class_names.end()) {
      raise<DataError>("{}: label = {}: must be a class of the model, {}{}", place,
                       printable(cells[2]),
                       printable(fmt::format("{}", fmt::join(class_names, ", "))),
                       did_you_mean(cells[2], class_names));
    }
    if (is_background(*found)) continue;
    events.push_back(
        {.start = *start, .end = *end, .label = static_cast<int>(found - class_names.begin())});
  }
  return events;
}

}  // namespace thimble::cli
