#include "thimble/readers/table_set.hpp"

#include <algorithm>

#include "table.hpp"
#include "thimble/core/error.hpp"
#include "thimble/files/file_tree.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

/// Windows of a block, where nothing else says which belong together.
constexpr std::size_t kWindowsOfABlock = 10;

bool is_time(const std::string& title) {
  const std::string name = lower_case(title);
  return name == "time" || name == "timestamp" || name == "t";
}

std::vector<fs::path> some_tables(const fs::path& path) {
  auto files = table_files(path);
  if (files.empty()) {
    raise<DataError>("{}: holds no table: .csv, .tsv, .tra or .tes files expected",
                     printable(path.string()));
  }
  return files;
}

/// All tables must have as many columns as the first.
void check_columns(const Table& table, const fs::path& file, std::size_t columns) {
  if (table.columns != columns) {
    raise<DataError>("{}: columns of values = {}: {} expected, as in the first file",
                     printable(file.string()), table.columns, columns);
  }
}

/// Cuts tables into windows.
struct Windows {
  std::size_t window;
  std::size_t stride;
  RawDataset set{};
  std::size_t short_runs = 0;
  std::size_t unlabelled = 0;
  /// Of blocks; above all numbers of named groups.
  std::int32_t next_group = 1 << 30;

  /// Takes rows [begin, end) of one label, group and split. `group`: −1 where blocks are groups.
  void cut(const Table& table, std::size_t begin, std::size_t end, std::int32_t group) {
    if (end - begin < window) {
      ++short_runs;
      return;
    }
    const Split split = table.splits[begin];
    Samples& part = part_of(set, split);
    for (std::size_t in_block = 0; begin + window <= end; ++in_block) {
      if (group < 0 && in_block == kWindowsOfABlock) {
        begin += window - stride;  // behind the last row of the last window
        in_block = 0;
        ++next_group;
        if (begin + window > end) break;
      }
      const auto first = table.values.begin() + static_cast<std::ptrdiff_t>(begin * table.columns);
      part.values.append({first, window * table.columns});
      part.labels.push_back(table.labels[begin]);
      if (split == Split::kTraining) set.groups.push_back(group < 0 ? next_group : group);
      begin += stride;
    }
    ++next_group;
  }
};

}  // namespace

bool recognises_csv(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return ends_in(path, {".csv", ".tsv", ".tra"});
  const auto files = table_files(path);
  if (files.size() == 1 && subfolders(path).empty()) return true;
  return std::ranges::any_of(files, [](const fs::path& file) {
    return ends_in(file, {".tra"}) || lower_case(file.stem().string()) == "train";
  });
}

RawDataset read_csv(const fs::path& path, const ReadOptions& options) {
  RawDataset set;
  Numbering classes;
  Numbering groups;
  bool grouped = false;
  std::size_t columns = 0;
  const auto files = some_tables(path);
  for (std::size_t number = 0; number < files.size(); ++number) {
    const fs::path& file = files[number];
    if (options.hooks.progress) {
      options.hooks.progress({.doing = "read", .done = number, .of = files.size()});
    }
    const Table table = read_table(file, classes, groups);
    if (columns == 0) columns = table.columns;
    check_columns(table, file, columns);
    grouped = grouped || table.has_groups;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (table.labels[row] < 0) {
        raise<DataError>("{}: sample {}: label is missing", printable(file.string()), row);
      }
      Samples& part = part_of(set, table.splits[row]);
      const auto first = table.values.begin() + static_cast<std::ptrdiff_t>(row * columns);
      part.values.append({first, columns});
      part.labels.push_back(table.labels[row]);
      if (table.splits[row] == Split::kTraining) set.groups.push_back(table.groups[row]);
      if (options.hooks.between_samples) options.hooks.between_samples(set);
    }
  }
  if (!grouped) set.groups.clear();
  // What belongs to no group is one by itself.
  auto next = static_cast<std::int32_t>(groups.names().size());
  for (std::int32_t& group : set.groups) {
    if (group < 0) group = next++;
  }
  const Shape vector{.height = 1, .width = 1, .channels = static_cast<int>(columns)};
  const Shape shape = options.shape.value_or(vector);
  if (shape.elements() != vector.elements()) {
    raise<DataError>("{}: columns of values = {}: --shape {} has {}", printable(path.string()),
                     columns, to_string(shape), shape.elements());
  }
  for (Samples* part : {&set.train, &set.validation, &set.test}) part->shape = shape;
  name_classes(classes, set);
  return set;
}

bool recognises_series(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored) && !ends_in(path, {".csv", ".tsv"})) return false;
  const auto files = table_files(path);
  return !files.empty() && std::ranges::any_of(first_line(files.front()), is_time);
}

RawDataset read_series(const fs::path& path, const ReadOptions& options) {
  const int window = options.window.value_or(kUsualWindow);
  const int stride = options.stride.value_or(std::max(1, window / 2));
  Windows windows{.window = static_cast<std::size_t>(window),
                  .stride = static_cast<std::size_t>(stride)};
  Numbering classes;
  Numbering groups;
  const auto files = some_tables(path);
  std::size_t columns = 0;
  for (std::size_t file = 0; file < files.size(); ++file) {
    if (options.hooks.progress) {
      options.hooks.progress({.doing = "read", .done = file, .of = files.size()});
    }
    const Table table = read_table(files[file], classes, groups);
    if (columns == 0) columns = table.columns;
    check_columns(table, files[file], columns);
    for (std::size_t begin = 0, end = 0; begin < table.rows(); begin = end) {
      const auto differs = [&](std::size_t row) {
        return table.labels[row] != table.labels[begin] ||
               table.groups[row] != table.groups[begin] || table.splits[row] != table.splits[begin];
      };
      end = begin + 1;
      while (end < table.rows() && !differs(end)) ++end;
      std::int32_t group = -1;
      if (table.has_groups) {
        group = table.groups[begin];
      } else if (files.size() > 1) {
        group = static_cast<std::int32_t>(file);
      }
      if (table.labels[begin] < 0) {
        windows.unlabelled += end - begin;
      } else {
        windows.cut(table, begin, end, group);
        if (options.hooks.between_samples) options.hooks.between_samples(windows.set);
      }
    }
  }
  RawDataset set = std::move(windows.set);
  const Shape shape{.height = 1, .width = window, .channels = static_cast<int>(columns)};
  for (Samples* part : {&set.train, &set.validation, &set.test}) part->shape = shape;
  if (windows.short_runs > 0) {
    set.findings.note(fmt::format("{} runs of one label are shorter than a window of {} steps",
                                  windows.short_runs, window));
  }
  if (windows.unlabelled > 0) {
    set.findings.note(
        fmt::format("{} rows have no label and are in no window", windows.unlabelled));
  }
  name_classes(classes, set);
  return set;
}

}  // namespace thimble
