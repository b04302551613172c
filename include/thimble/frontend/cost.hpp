#pragma once

#include <cstdint>

#include "thimble/core/units.hpp"
#include "thimble/frontend/settings.hpp"

namespace thimble::frontend {

/// What a front end costs on the device, in the fixed point of runtime/.
struct Cost {
  Bytes state;    // kept between calls: samples and features of the clip that is coming
  Bytes scratch;  // during a call; may be memory that the network uses at other times
  Bytes tables;   // flash: what is written for these settings
  Bytes code;     // flash: the functions and their own tables; see kCodeBytes
  /// Multiplications, of a frame as it comes in and of the reading of a whole clip. At most:
  /// a silent frame needs none, a value far above the offset two less. Additions, shifts and the
  /// digits of square roots are not counted.
  std::int64_t multiplies_per_frame = 0;
  std::int64_t multiplies_per_read = 0;

  /// Of each second of audio in which no clip is read.
  double multiplies_per_second = 0;
  /// Of one clip from its first sample to its features.
  std::int64_t multiplies_per_clip = 0;
};

/// The text section of runtime/ compiled for Cortex-M4 with arm-none-eabi-gcc 12.2 -O2: a measured
/// figure, which other cores, compilers and options change.
inline constexpr Bytes kCodeBytes{4128};

/// Throws ConfigError as `check` does.
Cost cost(const Settings& settings);

}  // namespace thimble::frontend
