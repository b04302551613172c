#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "class_names.hpp"
#include "labelled_files.hpp"

namespace thimble {

/// A table of values with what else its columns say; see table_set.hpp.
struct Table {
  std::size_t columns = 0;
  std::vector<float> values;  // [rows, columns]
  /// [rows], of the numberings that were passed; −1: the cell is empty, or there is no such column.
  std::vector<std::int32_t> labels;
  std::vector<std::int32_t> groups;
  std::vector<Split> splits;
  bool has_groups = false;

  std::size_t rows() const { return labels.size(); }
};

/// The tables that a path names, in the order of their names.
std::vector<std::filesystem::path> table_files(const std::filesystem::path& path);

/// `file_split` overrides a column of splits.
Table parse_table(std::span<const std::uint8_t> file, const std::string& place,
                  std::optional<Split> file_split, Numbering& classes, Numbering& groups);
Table read_table(const std::filesystem::path& path, Numbering& classes, Numbering& groups);

/// The cells of the first line; empty when there is none that can be read.
std::vector<std::string> first_line(const std::filesystem::path& path);

/// `text` in lower case, for names of columns.
std::string lower_case(std::string text);

}  // namespace thimble
