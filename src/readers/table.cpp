#include "table.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>

#include "thimble/core/error.hpp"
#include "thimble/files/csv.hpp"
#include "thimble/files/file_tree.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostOfATable = std::uintmax_t{1} << 30;
/// More are no classes but measurements.
constexpr std::size_t kMostClasses = 10'000;

enum class Column { kValue, kLabel, kGroup, kSplit, kPassedOver };

Column column_of(const std::string& title) {
  const std::string name = lower_case(title);
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
  };
  if (is({"label", "class", "target", "activity"})) return Column::kLabel;
  if (is({"group", "subject", "user", "record", "session"})) return Column::kGroup;
  if (is({"split", "set"})) return Column::kSplit;
  if (is({"id", "index", "time", "timestamp", "t"})) return Column::kPassedOver;
  return Column::kValue;
}

/// What each column is, and its name for complaints.
struct Columns {
  std::vector<Column> kinds;
  std::vector<std::string> names;
  bool titled = false;
};

Columns columns_of(const std::vector<std::string>& first, const std::string& where) {
  Columns columns;
  columns.titled = std::ranges::none_of(first, is_number);
  for (std::size_t i = 0; i < first.size(); ++i) {
    columns.kinds.push_back(columns.titled ? column_of(first[i]) : Column::kValue);
    columns.names.push_back(columns.titled ? printable(first[i]) : fmt::format("column {}", i + 1));
  }
  if (!columns.titled) {
    columns.kinds.back() = Column::kLabel;
    columns.names.back() = "label (the last column)";
  }
  const auto labels = std::ranges::count(columns.kinds, Column::kLabel);
  if (labels == 0) {
    raise<DataError>(
        "{}: labels are missing: a column named label, class, target or activity expected", where);
  }
  if (labels > 1) {
    raise<DataError>("{}: columns named label, class, target or activity = {}: 1 expected", where,
                     labels);
  }
  if (std::ranges::count(columns.kinds, Column::kValue) == 0) {
    raise<DataError>("{}: columns of values = 0: at least 1 expected", where);
  }
  return columns;
}

/// The split that a file's name means.
std::optional<Split> split_of_file(const fs::path& path) {
  if (ends_in(path, {".tra"})) return Split::kTraining;
  if (ends_in(path, {".tes"})) return Split::kTest;
  const std::string stem = lower_case(path.stem().string());
  if (is_split_name(stem)) return split_of(stem, "");
  return std::nullopt;
}

std::int32_t label_of(const std::string& cell, std::string_view name, const std::string& where,
                      Numbering& classes) {
  if (cell.empty()) return -1;
  if (is_number(cell) && !whole_number(cell)) {
    raise<DataError>("{}: {} = {}: a word or a whole number expected", where, name, cell);
  }
  const std::int32_t label = classes(printable(cell));
  if (classes.names().size() > kMostClasses) {
    raise<DataError>("{}: {} = {}: more than {} different ones are no classes", where, name,
                     printable(cell), kMostClasses);
  }
  return label;
}

}  // namespace

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::vector<fs::path> table_files(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {path};
  std::vector<fs::path> files;
  for (const fs::path& name : folder_entries(path)) {
    if (ends_in(name, {".csv", ".tsv", ".tra", ".tes"})) files.push_back(path / name);
  }
  return files;
}

std::vector<std::string> first_line(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return {};
  std::ifstream in(path, std::ios::binary);
  std::string text(1 << 16, '\0');
  in.read(text.data(), std::ssize(text));
  text.resize(static_cast<std::size_t>(in.gcount()));
  text.resize(std::min(text.find('\n'), text.size()));
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  std::vector<std::string> cells;
  try {
    CsvReader(bytes, "").next(cells);
  } catch (const DataError&) {
    cells.clear();
  }
  return cells;
}

Table read_table(const fs::path& path, Numbering& classes, Numbering& groups) {
  const auto bytes = read_regular_file(path, kMostOfATable);
  return parse_table(bytes, printable(path.string()), split_of_file(path), classes, groups);
}

Table parse_table(std::span<const std::uint8_t> file, const std::string& place,
                  std::optional<Split> file_split, Numbering& classes, Numbering& groups) {
  CsvReader csv(file, place);
  std::vector<std::string> cells;
  if (!csv.next(cells)) raise<DataError>("{}: holds no line", place);
  const Columns columns = columns_of(cells, csv.where());
  Table table;
  table.columns = static_cast<std::size_t>(std::ranges::count(columns.kinds, Column::kValue));
  table.has_groups = std::ranges::count(columns.kinds, Column::kGroup) > 0;
  for (bool more = !columns.titled || csv.next(cells); more; more = csv.next(cells)) {
    if (cells.size() != columns.kinds.size()) {
      raise<DataError>("{}: cells = {}: {} expected, as in the first line", csv.where(),
                       cells.size(), columns.kinds.size());
    }
    table.labels.push_back(-1);
    table.groups.push_back(-1);
    table.splits.push_back(file_split.value_or(Split::kTraining));
    for (std::size_t i = 0; i < cells.size(); ++i) {
      switch (columns.kinds[i]) {
        case Column::kValue:
          table.values.push_back(number_of(cells[i], columns.names[i], csv.where()));
          break;
        case Column::kLabel:
          table.labels.back() = label_of(cells[i], columns.names[i], csv.where(), classes);
          break;
        case Column::kGroup:
          if (!cells[i].empty()) table.groups.back() = groups(cells[i]);
          break;
        case Column::kSplit:
          if (!file_split) {
            table.splits.back() =
                split_of(cells[i], fmt::format("{}: {}", csv.where(), columns.names[i]));
          }
          break;
        case Column::kPassedOver:
          break;
      }
    }
  }
  if (table.rows() == 0) raise<DataError>("{}: rows = 0: at least 1 expected", place);
  return table;
}

}  // namespace thimble
