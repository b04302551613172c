#include "thimble/frontend/mel.hpp"

#include <algorithm>
#include <cmath>

namespace thimble::frontend {
namespace {

// Slaney's Auditory Toolbox: linear up to 1 kHz, then 27 steps for each factor of 6.4.
constexpr double kSlaneyBreak = 1000;
constexpr double kSlaneyBreakMel = 15;
const double kSlaneyStep = std::log(6.4) / 27;

}  // namespace

double hertz_to_mel(double hertz, MelScale scale) {
  if (scale == MelScale::kHtk) return 1127 * std::log1p(hertz / 700);
  if (hertz < kSlaneyBreak) return hertz * 3 / 200;
  return kSlaneyBreakMel + std::log(hertz / kSlaneyBreak) / kSlaneyStep;
}

double mel_to_hertz(double mel, MelScale scale) {
  if (scale == MelScale::kHtk) return 700 * std::expm1(mel / 1127);
  if (mel < kSlaneyBreakMel) return mel * 200 / 3;
  return kSlaneyBreak * std::exp(kSlaneyStep * (mel - kSlaneyBreakMel));
}

MelBank mel_bank(const Settings& s) {
  const double low = hertz_to_mel(s.mel.low_hz, s.mel.scale);
  const double high = hertz_to_mel(s.mel.high_hz, s.mel.scale);
  const auto edge_mel = [&](int j) { return low + (high - low) * j / (s.mel.bands + 1); };
  const auto edge_hertz = [&](int j) {
    if (j == 0) return s.mel.low_hz;
    return j == s.mel.bands + 1 ? s.mel.high_hz : mel_to_hertz(edge_mel(j), s.mel.scale);
  };
  const double hertz_per_bin = static_cast<double>(s.sample_rate) / s.fft_size;

  MelBank bank;
  int bin = 0;
  while (bin * hertz_per_bin < s.mel.low_hz) ++bin;
  for (int j = 0; j <= s.mel.bands; ++j) {
    bank.first_bin.push_back(bin);
    const double from = edge_hertz(j);
    const double to = edge_hertz(j + 1);
    for (; bin < s.bins() && bin * hertz_per_bin < to; ++bin) {
      const double hertz = bin * hertz_per_bin;
      const double rise =
          s.mel.slope == MelSlope::kHertz
              ? (hertz - from) / (to - from)
              : (hertz_to_mel(hertz, s.mel.scale) - edge_mel(j)) / (edge_mel(j + 1) - edge_mel(j));
      // A bin that rounding sees just outside of its interval has all of its weight on one side.
      bank.rise.push_back(std::clamp(rise, 0.0, 1.0));
    }
    if (j < s.mel.bands) {
      bank.gain.push_back(s.mel.unit_area ? 2 / (edge_hertz(j + 2) - from) : 1);
    }
  }
  bank.first_bin.push_back(bin);
  return bank;
}

bool is_empty(const MelBank& bank, int band) {
  const auto at = [&](int edge) { return bank.first_bin[static_cast<std::size_t>(edge)]; };
  for (int bin = at(band); bin < at(band + 2); ++bin) {
    const double rise = bank.rise[static_cast<std::size_t>(bin - at(0))];
    if ((bin < at(band + 1) ? rise : 1 - rise) > 0) return false;
  }
  return true;
}

std::vector<double> band_energies(const MelBank& bank, std::span<const double> spectrum) {
  std::vector<double> bands(bank.gain.size());
  const int first = bank.first_bin.front();
  for (std::size_t j = 0; j + 1 < bank.first_bin.size(); ++j) {
    for (int bin = bank.first_bin[j]; bin < bank.first_bin[j + 1]; ++bin) {
      const double value = spectrum[static_cast<std::size_t>(bin)];
      const double rise = bank.rise[static_cast<std::size_t>(bin - first)];
      if (j < bands.size()) bands[j] += rise * value;
      if (j > 0) bands[j - 1] += (1 - rise) * value;
    }
  }
  for (std::size_t b = 0; b < bands.size(); ++b) bands[b] *= bank.gain[b];
  return bands;
}

}  // namespace thimble::frontend
