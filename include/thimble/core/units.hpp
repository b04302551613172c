#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thimble {

namespace detail {

/// A count of one kind of thing. Counts of one kind add and compare; counts of two kinds do not.
template <class Kind>
struct Quantity {
  std::int64_t value = 0;

  constexpr Quantity() = default;
  constexpr explicit Quantity(std::int64_t count) : value(count) {}

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity& operator+=(Quantity other) {
    value += other.value;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value -= other.value;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
  friend constexpr Quantity operator*(Quantity a, std::int64_t n) { return Quantity(a.value * n); }
};

}  // namespace detail

/// A size in memory or in flash, in bytes.
using Bytes = detail::Quantity<struct BytesKind>;
/// Multiply-accumulates; 1 MAC = 2 operations.
using Macs = detail::Quantity<struct MacsKind>;

inline namespace literals {
constexpr Bytes operator""_B(unsigned long long n) { return Bytes(static_cast<std::int64_t>(n)); }
constexpr Bytes operator""_KiB(unsigned long long n) {
  return Bytes(static_cast<std::int64_t>(n) * 1024);
}
constexpr Bytes operator""_MiB(unsigned long long n) {
  return Bytes(static_cast<std::int64_t>(n) * 1024 * 1024);
}
constexpr Macs operator""_MAC(unsigned long long n) { return Macs(static_cast<std::int64_t>(n)); }
constexpr Macs operator""_MMAC(unsigned long long n) {
  return Macs(static_cast<std::int64_t>(n) * 1'000'000);
}
}  // namespace literals

/// Reads `64KiB` (×1024), `64KB` (×1000), `1.5MiB`, `65536`, `65536B`; case does not matter.
/// Nothing when the text is no size, is negative, is no whole number of bytes or overflows.
std::optional<Bytes> parse_bytes(std::string_view text);

/// Reads `1.1M`, `800k`, `2G`, `812345`, each with or without `MAC` behind it; nothing when it is
/// none.
std::optional<Macs> parse_macs(std::string_view text);

/// Reads `50ms`, `90s`, `20m`, `1.5h`, `250us`; a bare number is refused, for its unit is a guess.
std::optional<std::chrono::microseconds> parse_duration(std::string_view text);

/// `12.6 KiB`, `512 B`: for people, one decimal place.
std::string format(Bytes bytes);
/// `812 k`, `1.10 M`: for people, three digits.
std::string format(Macs macs);
/// `6m 12s`, `1h 03m`, `42s`: for people.
std::string format(std::chrono::seconds duration);

}  // namespace thimble
