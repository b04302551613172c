#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "thimble/core/units.hpp"

namespace thimble {

/// What a network takes on the device.
struct Usage {
  Bytes ram;
  Bytes flash;
  Macs macs;
  std::int64_t params = 0;

  bool operator==(const Usage&) const = default;
};

/// Limits, each kept when the usage is at most the limit; one that is absent binds nothing.
struct Budget {
  std::optional<Bytes> ram;
  std::optional<Bytes> flash;
  std::optional<Macs> macs;

  bool operator==(const Budget&) const = default;
};

/// A limit that is not kept.
struct Violation {
  std::string bound;  // "ram", "flash" (both in bytes) or "macs"
  std::int64_t used = 0;
  std::int64_t allowed = 0;  // less than `used`

  bool operator==(const Violation&) const = default;
};

/// The first of ram, flash and macs whose limit is broken; nothing when the usage keeps the budget.
std::optional<Violation> first_violation(const Usage& usage, const Budget& budget);

/// `ram 24.1 KiB > 20.0 KiB (over by 4.1 KiB)`.
std::string describe(const Violation& violation);

}  // namespace thimble
