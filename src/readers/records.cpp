#include <algorithm>

#include "class_names.hpp"
#include "thimble/core/error.hpp"
#include "thimble/files/csv.hpp"
#include "thimble/files/file_tree.hpp"
#include "thimble/readers/table_set.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

/// The table that marks a record; empty when there is none.
fs::path marks_of(const fs::path& folder, const fs::path& record) {
  const std::string stem = record.stem().string();
  for (const fs::path& name : folder_entries(folder)) {
    if (ends_in(name, {".csv"}) && name.native().starts_with(stem + "_")) return folder / name;
  }
  return {};
}

std::vector<fs::path> record_files(const fs::path& folder) {
  std::vector<fs::path> files = folder_entries(folder);
  std::erase_if(files, [](const fs::path& name) { return !ends_in(name, {".i16"}); });
  return files;
}

std::size_t position(const std::string& cell, const std::string& where, std::size_t samples) {
  const auto number = whole_number(cell);
  if (!number || *number < 0 || static_cast<std::uint64_t>(*number) >= samples) {
    raise<DataError>("{}: sample = {}: a number below {}, the length of the record, expected",
                     where, printable(cell), samples);
  }
  return static_cast<std::size_t>(*number);
}

/// Appends the windows of one record; returns how many marks are too close to its ends.
std::size_t add_record(std::span<const std::uint8_t> record, CsvReader marks, std::size_t window,
                       std::int32_t group, Numbering& classes, RawDataset& set) {
  const std::size_t samples = record.size() / 2;
  std::vector<std::string> cells;
  if (!marks.next(cells) || cells.size() != 2 || is_number(cells[0])) {
    raise<DataError>("{}: two columns with a header expected: sample and label", marks.where());
  }
  std::size_t at_the_ends = 0;
  while (marks.next(cells)) {
    if (cells.size() != 2 || cells[1].empty()) {
      raise<DataError>("{}: label is missing: sample and label expected", marks.where());
    }
    const std::size_t at = position(cells[0], marks.where(), samples);
    if (at < window / 2 || at - window / 2 + window > samples) {
      ++at_the_ends;
      continue;
    }
    const std::size_t begin = at - window / 2;
    for (std::size_t i = begin; i < begin + window; ++i) {
      const unsigned word = record[2 * i] | unsigned{record[2 * i + 1]} << 8;
      set.train.values.push_back(static_cast<float>(static_cast<std::int16_t>(word)));
    }
    set.train.labels.push_back(classes(printable(cells[1])));
    set.groups.push_back(group);
  }
  return at_the_ends;
}

}  // namespace

bool recognises_records(const fs::path& path) {
  return std::ranges::any_of(
      record_files(path), [&](const fs::path& record) { return !marks_of(path, record).empty(); });
}

RawDataset read_records(const fs::path& path, const ReadOptions& options) {
  const int window = options.window.value_or(kUsualWindow);
  RawDataset set;
  set.train.shape = {.height = 1, .width = window, .channels = 1};
  Numbering classes;
  std::size_t at_the_ends = 0;
  std::int32_t group = 0;
  for (const fs::path& name : record_files(path)) {
    const std::string place = printable((path / name).string());
    try {
      const fs::path marks = marks_of(path, name);
      if (marks.empty()) raise<DataError>("{}: no table beside it marks it", place);
      const auto record = read_regular_file(path / name);
      if (record.size() % 2 != 0) {
        raise<DataError>("{}: size = {} bytes: 2 a sample expected", place, record.size());
      }
      const auto table = read_regular_file(marks);
      const std::string marks_place = printable(marks.string());
      at_the_ends += add_record(record, CsvReader(table, marks_place),
                                static_cast<std::size_t>(window), group++, classes, set);
      if (options.hooks.between_samples) options.hooks.between_samples(set);
    } catch (const DataError& error) {
      set.findings.add_broken(error.what(), options.strict);
    }
  }
  if (at_the_ends > 0) {
    set.findings.note(
        fmt::format("{} marks are too close to the ends of their records for a "
                    "window of {}",
                    at_the_ends, window));
  }
  name_classes(classes, set);
  return set;
}

}  // namespace thimble
