#include "thimble/files/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "thimble/core/error.hpp"
#include "thimble/core/printable.hpp"

namespace thimble {
namespace {

/// A cell of a complaint is cut to this many bytes.
constexpr std::size_t kShown = 40;

void trim(std::string& text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
}

std::optional<double> parse_number(std::string_view cell) {
  if (cell.starts_with('+')) cell.remove_prefix(1);
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto [stop, status] = std::from_chars(cell.data(), end, value);
  if (cell.empty() || stop != end) return std::nullopt;
  // What is too large for a double is no finite number either.
  if (status == std::errc::result_out_of_range) return std::nan("");
  return status == std::errc{} ? std::optional(value) : std::nullopt;
}

}  // namespace

CsvReader::CsvReader(std::span<const std::uint8_t> bytes, std::string_view place)
    : rest_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), place_(place) {
  if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
  const std::string_view first = rest_.substr(0, rest_.find('\n'));
  const auto count = [&](char c) { return std::ranges::count(first, c); };
  for (const char other : {';', '\t'}) {
    if (count(other) > count(separator_)) separator_ = other;
  }
}

std::string CsvReader::where() const { return fmt::format("{}:{}", place_, line_); }

std::string CsvReader::quoted_cell() {
  std::string cell;
  rest_.remove_prefix(1);
  while (true) {
    const std::size_t quote = rest_.find('"');
    if (quote == std::string_view::npos) {
      raise<DataError>("{}: a quote that begins here is not closed", where());
    }
    cell += rest_.substr(0, quote);
    next_line_ += static_cast<std::size_t>(std::ranges::count(rest_.substr(0, quote), '\n'));
    rest_.remove_prefix(quote + 1);
    if (!rest_.starts_with('"')) return cell;
    cell += '"';
    rest_.remove_prefix(1);
  }
}

bool CsvReader::next(std::vector<std::string>& cells) {
  while (rest_.starts_with('\n') || rest_.starts_with("\r\n")) {
    rest_.remove_prefix(rest_.front() == '\r' ? 2 : 1);
    ++next_line_;
  }
  cells.clear();
  line_ = next_line_;
  if (rest_.empty()) return false;
  const char ends[] = {separator_, '\n', '\0'};  // a C string: looks for the first two
  while (true) {
    std::string cell;
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    const bool quoted = rest_.starts_with('"');
    if (quoted) cell = quoted_cell();
    const std::size_t end = std::min(rest_.find_first_of(ends), rest_.size());
    std::string plain(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (plain.ends_with('\r') && (rest_.empty() || rest_.front() == '\n')) plain.pop_back();
    trim(plain);
    if (plain.find('\0') != std::string::npos) {
      raise<DataError>("{}: holds a byte 0: is no text", where());
    }
    cells.push_back(quoted ? cell + plain : plain);
    if (rest_.empty()) return true;
    const char border = rest_.front();
    rest_.remove_prefix(1);
    if (border == '\n') {
      ++next_line_;
      return true;
    }
  }
}

float number_of(std::string_view cell, std::string_view name, std::string_view where) {
  const auto reject = [&](std::string_view what) {
    std::string shown = printable(cell.substr(0, kShown));
    if (cell.size() > kShown) shown += "…";
    raise<DataError>("{}: {} = {}: {}", where, name, shown, what);
  };
  if (cell.empty()) raise<DataError>("{}: {} is missing: a number expected", where, name);
  const std::optional<double> value = parse_number(cell);
  if (!value) reject("a number expected");
  const auto number = static_cast<float>(value.value_or(0));
  if (!std::isfinite(number)) reject("a finite number expected");
  return number;
}

bool is_number(std::string_view cell) { return parse_number(cell).has_value(); }

}  // namespace thimble
