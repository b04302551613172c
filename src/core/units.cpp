#include "thimble/core/units.hpp"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

namespace thimble {
namespace {

struct Measured {
  double number;
  std::string suffix;  // lower case, blanks removed
};

std::optional<Measured> split(std::string_view text) {
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
  std::string suffix;
  for (const char* at = end; at != text.data() + text.size(); ++at) {
    if (*at != ' ') suffix += static_cast<char>(std::tolower(static_cast<unsigned char>(*at)));
  }
  return Measured{number, std::move(suffix)};
}

std::optional<std::int64_t> whole(double number) {
  if (number != std::floor(number) || number >= 9.2e18) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::optional<Bytes> parse_bytes(std::string_view text) {
  const auto measured = split(text);
  if (!measured) return std::nullopt;
  const std::string& s = measured->suffix;
  double factor = 0;
  if (s.empty() || s == "b") factor = 1;
  if (s == "kib") factor = 1024;
  if (s == "mib") factor = 1024.0 * 1024;
  if (s == "gib") factor = 1024.0 * 1024 * 1024;
  if (s == "kb") factor = 1e3;
  if (s == "mb") factor = 1e6;
  if (s == "gb") factor = 1e9;
  if (factor == 0) return std::nullopt;
  const auto count = whole(measured->number * factor);
  if (!count) return std::nullopt;
  return Bytes(*count);
}

std::optional<Macs> parse_macs(std::string_view text) {
  auto measured = split(text);
  if (!measured) return std::nullopt;
  std::string& s = measured->suffix;
  if (s.ends_with("macs")) s.resize(s.size() - 4);
  if (s.ends_with("mac")) s.resize(s.size() - 3);
  double factor = 0;
  if (s.empty()) factor = 1;
  if (s == "k") factor = 1e3;
  if (s == "m") factor = 1e6;
  if (s == "g") factor = 1e9;
  if (factor == 0) return std::nullopt;
  // 1.1 × 10⁶ is no whole double: a thousandth of a MAC is rounding, not meaning.
  const auto count = whole(std::round(measured->number * factor));
  if (!count) return std::nullopt;
  return Macs(*count);
}

std::optional<std::chrono::microseconds> parse_duration(std::string_view text) {
  const auto measured = split(text);
  if (!measured) return std::nullopt;
  const std::string& s = measured->suffix;
  double microseconds = 0;
  if (s == "us") microseconds = 1;
  if (s == "ms") microseconds = 1e3;
  if (s == "s") microseconds = 1e6;
  if (s == "m" || s == "min") microseconds = 60e6;
  if (s == "h") microseconds = 3600e6;
  if (s == "d") microseconds = 86400e6;
  if (microseconds == 0) return std::nullopt;
  const auto count = whole(std::round(measured->number * microseconds));
  if (!count) return std::nullopt;
  return std::chrono::microseconds(*count);
}

std::string format(Bytes bytes) {
  const auto n = static_cast<double>(bytes.value);
  if (std::abs(n) < 1024) return fmt::format("{} B", bytes.value);
  if (std::abs(n) < 1024.0 * 1024) return fmt::format("{:.1f} KiB", n / 1024);
  return fmt::format("{:.1f} MiB", n / (1024.0 * 1024));
}

std::string format(Macs macs) {
  const auto n = static_cast<double>(macs.value);
  if (n < 1e3) return fmt::format("{}", macs.value);
  if (n < 1e6) return fmt::format("{:.0f} k", n / 1e3);
  if (n < 1e9) return fmt::format("{:.2f} M", n / 1e6);
  return fmt::format("{:.2f} G", n / 1e9);
}

std::string format(std::chrono::seconds duration) {
  const auto s = duration.count();
  if (s < 60) return fmt::format("{}s", s);
  if (s < 3600) return fmt::format("{}m {:02}s", s / 60, s % 60);
  return fmt::format("{}h {:02}m", s / 3600, s / 60 % 60);
}

}  // namespace thimble
