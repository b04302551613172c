#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble {

/// Reads comma-separated values line by line (RFC 4180): cells may stand in quotes, in which a
/// quote is doubled and lines may end. The separator is the one among comma, semicolon and tab that
/// the first line has most of. Empty lines are passed over; blanks around a cell and a byte order
/// mark are dropped.
class CsvReader {
 public:
  /// `bytes` and `place` must outlive the reader.
  CsvReader(std::span<const std::uint8_t> bytes, std::string_view place);

  /// The next line's cells; false at the end. Throws DataError beginning with where() for a quote
  /// that is not closed and for bytes that are no text (NUL).
  bool next(std::vector<std::string>& cells);

  /// `PLACE:LINE` of the line that next() gave last, counted from 1.
  std::string where() const;
  std::size_t line() const { return line_; }

 private:
  std::string quoted_cell();

  std::string_view rest_;
  std::string_view place_;
  char separator_ = ',';
  std::size_t line_ = 0;       // where the last line began
  std::size_t next_line_ = 1;  // where the next one begins
};

/// The finite number that a cell holds. Throws DataError `WHERE: NAME = CELL: …` for anything else,
/// NaN included.
float number_of(std::string_view cell, std::string_view name, std::string_view where);

/// Whether the cell is a number (NaN and infinity are, too).
bool is_number(std::string_view cell);

}  // namespace thimble
