#include "thimble/frontend/cost.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "counted_runtime.h"
#include "signals.hpp"
#include "thimble/frontend/fixed_frontend.hpp"
#include "thimble/frontend/presets.hpp"

namespace thimble::frontend {
namespace {

struct Counted {
  std::int64_t per_frame = 0;
  std::int64_t per_read = 0;
};

/// What the sources themselves multiply, frame by frame and at the end.
Counted counted(const Settings& settings) {
  Rng rng(1);
  FixedFrontend front_end(settings);
  const std::int64_t before = thb_multiplications();
  front_end.push(noise(rng, settings.clip_length, 3000));
  const std::int64_t pushed = thb_multiplications();
  front_end.read();
  EXPECT_EQ((pushed - before) % settings.frames(), 0);
  return {(pushed - before) / settings.frames(), thb_multiplications() - pushed};
}

std::vector<Settings> priced_cases() {
  std::vector<Settings> all;
  for (const Preset& preset : presets()) all.push_back(preset.settings);
  for (const Level level : {Level::kFullScale, Level::kClipMaximum}) {
    for (const Spectrum spectrum : {Spectrum::kMagnitude, Spectrum::kPower}) {
      for (const Kind kind : {Kind::kStft, Kind::kLogMel, Kind::kMfcc}) {
        all.push_back({.kind = kind,
                       .clip_length = 1000,
                       .window_length = 100,
                       .hop_length = 90,
                       .level = level,
                       .fft_size = 128,
                       .spectrum = spectrum,
                       .mel = {.bands = 7, .low_hz = 200, .high_hz = 8000},
                       .log = {.offset = 1},
                       .dct_coefficients = 4});
      }
    }
  }
  all.push_back({.kind = Kind::kStft, .log = {.kind = LogKind::kNone}});
  all.push_back({.kind = Kind::kRaw, .clip_length = 90, .window_length = 9, .hop_length = 9});
  return all;
}

TEST(Cost, IsKnownForEachPreset) {
  for (const Preset& preset : presets()) {
    const Cost c = cost(preset.settings);
    std::cout << fmt::format(
        "{}: state {} B, scratch {} B, tables {} B; multiplications: {} a frame, {} a read, "
        "{:.0f} a second, {} a clip\n",
        preset.name, c.state.value, c.scratch.value, c.tables.value, c.multiplies_per_frame,
        c.multiplies_per_read, c.multiplies_per_second, c.multiplies_per_clip);
    EXPECT_GT(c.multiplies_per_clip, preset.settings.frames() * preset.settings.window_length);
  }
}

TEST(Cost, CountsTheMultiplicationsThatTheRuntimeDoes) {
  for (Settings settings : priced_cases()) {
    // A value far above the offset spares its share; here none is.
    if (settings.log.offset > 0) settings.log.offset = 1;
    const Cost said = cost(settings);
    const Counted seen = counted(settings);
    EXPECT_EQ(said.multiplies_per_frame, seen.per_frame) << to_json(settings).dump();
    EXPECT_EQ(said.multiplies_per_read, seen.per_read) << to_json(settings).dump();
    EXPECT_EQ(said.multiplies_per_clip, settings.frames() * seen.per_frame + seen.per_read);
  }
}

// MFCC 49×10 of 480 samples each 320, FFT of 512, 40 bands up to 4 kHz: bin 128.
TEST(Cost, OfTheKeywordFrontEndIsTheSumOfItsParts) {
  const Cost c = cost(find_preset("mlperf-tiny-kws").settings);
  // Samples 480 · 2, maxima of 50 hops · 2, logarithms 49 · 40 · 2.
  EXPECT_EQ(c.state, 4980_B);
  // The transform 512 · 4, a row 40 · 4.
  EXPECT_EQ(c.scratch, 2208_B);
  // Sine 129 · 2, window 241 · 2, edges 42 · 2, bins 1 … 127 · 2, cosines 10 · 20 · 2.
  EXPECT_EQ(c.tables, 1478_B);
  EXPECT_DOUBLE_EQ(c.multiplies_per_second, 50.0 * static_cast<double>(c.multiplies_per_frame));
  EXPECT_EQ(cost(find_preset("micronets-kws").settings).state, Bytes(640 * 2 + 490));
}

}  // namespace
}  // namespace thimble::frontend
