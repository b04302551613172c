#include "thimble/frontend/mel.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "thimble/frontend/presets.hpp"

namespace thimble::frontend {
namespace {

TEST(MelScale, HasThePublishedFixedPoints) {
  // HTK: 1127 ln(1 + 1000 / 700) = 999.99; Slaney: 3 · 500 / 200 = 7.5, 15 at 1 kHz, 15 + 27 at 6.4
  // kHz.
  EXPECT_NEAR(hertz_to_mel(1000, MelScale::kHtk), 1127 * std::log(1 + 1000.0 / 700), 1e-9);
  EXPECT_NEAR(hertz_to_mel(1000, MelScale::kHtk), 1000, 0.02);
  EXPECT_DOUBLE_EQ(hertz_to_mel(500, MelScale::kSlaney), 7.5);
  EXPECT_DOUBLE_EQ(hertz_to_mel(1000, MelScale::kSlaney), 15);
  EXPECT_DOUBLE_EQ(hertz_to_mel(6400, MelScale::kSlaney), 42);
  for (const MelScale scale : {MelScale::kHtk, MelScale::kSlaney}) {
    for (double hertz = 0; hertz < 20000; hertz += 37) {
      EXPECT_NEAR(mel_to_hertz(hertz_to_mel(hertz, scale), scale), hertz, 1e-8);
    }
  }
}

/// Each weight from the two sides of its triangle, as TensorFlow and librosa write it: the smaller
/// of them, and 0 where it is negative.
double triangle_weight(const Settings& s, int band, int bin) {
  const double low = hertz_to_mel(s.mel.low_hz, s.mel.scale);
  const double step = (hertz_to_mel(s.mel.high_hz, s.mel.scale) - low) / (s.mel.bands + 1);
  const auto axis = [&](double hertz) {
    return s.mel.slope == MelSlope::kHertz ? hertz : hertz_to_mel(hertz, s.mel.scale);
  };
  const auto edge = [&](int j) { return mel_to_hertz(low + step * j, s.mel.scale); };
  const double left = edge(band);
  const double centre = edge(band + 1);
  const double right = edge(band + 2);
  const double at = axis(static_cast<double>(bin) * s.sample_rate / s.fft_size);
  const double weight = std::max(0.0, std::min((at - axis(left)) / (axis(centre) - axis(left)),
                                               (axis(right) - at) / (axis(right) - axis(centre))));
  return s.mel.unit_area ? weight * 2 / (right - left) : weight;
}

TEST(MelBank, WeighsEachBinAsTheTrianglesSay) {
  for (const Preset& preset : presets()) {
    const Settings& s = preset.settings;
    const MelBank bank = mel_bank(s);
    for (int bin = 0; bin < s.bins(); ++bin) {
      std::vector<double> spectrum(static_cast<std::size_t>(s.bins()));
      spectrum[static_cast<std::size_t>(bin)] = 1;
      const auto bands = band_energies(bank, spectrum);
      for (int band = 0; band < s.mel.bands; ++band) {
        EXPECT_NEAR(bands[static_cast<std::size_t>(band)], triangle_weight(s, band, bin), 1e-11)
            << preset.name << " band " << band << " bin " << bin;
      }
    }
  }
}

TEST(MelBank, TellsABandThatFallsBetweenTwoBins) {
  // Bins of 1000 Hz; the only band rises at 1200 Hz and ends at 1800 Hz.
  const Settings s{.fft_size = 16, .mel = {.bands = 1, .low_hz = 1200, .high_hz = 1800}};
  EXPECT_TRUE(is_empty(mel_bank(s), 0));
  EXPECT_FALSE(is_empty(mel_bank({.fft_size = 16, .mel = {.bands = 1, .low_hz = 900}}), 0));
}

}  // namespace
}  // namespace thimble::frontend
