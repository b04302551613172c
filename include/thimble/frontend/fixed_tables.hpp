#pragma once

#include <cstdint>
#include <vector>

#include "thb_frontend.h"
#include "thimble/frontend/settings.hpp"

namespace thimble::frontend {

/// The integers with which a device computes a front end (runtime/thb_frontend.h).
struct FixedTables {
  Settings settings;
  std::vector<std::int16_t> sine;        // Q15, [fft_size / 4 + 1]
  std::vector<std::uint16_t> window;     // square roots in Q16, [window_length / 2 + 1]
  std::vector<std::uint16_t> first_bin;  // [bands + 2]; mel kinds only, as are the next two
  std::vector<std::uint16_t> rise;       // Q15, one for each bin between the limits
  std::vector<std::int16_t> log_gain;    // log2 in Q11, [bands]; with unit area only
  std::vector<std::int16_t> dct;         // Q14, [dct_coefficients, (bands + 1) / 2]; MFCC only
  std::int32_t log_offset = 0;           // log2 in Q16
  std::int32_t log_floor = 0;            // log2 in Q16
  thb_factor factor{};
};

/// Throws ConfigError as `check` does.
FixedTables fixed_tables(const Settings& settings);

/// What the functions of the runtime take. It points into `tables`, which must outlive it unmoved.
thb_frontend_settings device_settings(const FixedTables& tables);

}  // namespace thimble::frontend
