#include "thimble/features/automatic.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "thimble/core/error.hpp"
#include "thimble/frontend/float_frontend.hpp"
#include "thimble/frontend/mel.hpp"

namespace thimble::features {
namespace {

using frontend::Kind;
using frontend::Settings;

constexpr double kWindowSeconds = 0.04;
constexpr double kHopSeconds = 0.02;
constexpr double kHighestHz = 4000;
/// What is far below the noise of 16 bits, so that silence has a logarithm near it.
constexpr double kOffset = 1e-6;
constexpr double kSmallestScale = 1e-9;

int samples_of(double seconds, int rate, int most) {
  return std::clamp(static_cast<int>(std::lround(seconds * rate)), 1, most);
}

bool has_empty_band(const Settings& settings) {
  const frontend::MelBank bank = frontend::mel_bank(settings);
  for (int band = 0; band < settings.mel.bands; ++band) {
    if (is_empty(bank, band)) return true;
  }
  return false;
}

/// The value that `share` of all values lie below; reorders them.
double quantile(std::vector<double>& values, double share) {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + at);
  return values[static_cast<std::size_t>(at)];
}

}  // namespace

Settings automatic(Kind kind, int sample_rate, int clip_length) {
  const int longest = std::min(clip_length, frontend::kLargestFft);
  Settings s{.kind = kind,
             .sample_rate = sample_rate,
             .clip_length = clip_length,
             .window_length = samples_of(kWindowSeconds, sample_rate, longest),
             .hop_length = samples_of(kHopSeconds, sample_rate, longest)};
  if (kind == Kind::kRaw) {
    s.window_length = s.hop_length;
  } else {
    const auto window = static_cast<unsigned>(std::max(s.window_length, frontend::kSmallestFft));
    s.fft_size = static_cast<int>(std::bit_ceil(window));
    s.log.offset = kOffset;
    s.mel.high_hz = std::min(kHighestHz, sample_rate / 2.0);
    const bool mel = kind != Kind::kStft && s.mel.low_hz < s.mel.high_hz;
    while (mel && s.mel.bands > 1 && has_empty_band(s)) --s.mel.bands;
    while (mel && s.fft_size < frontend::kLargestFft && has_empty_band(s)) s.fft_size *= 2;
    s.dct_coefficients = std::min(s.dct_coefficients, s.mel.bands);
  }
  frontend::check(s);
  return s;
}

Settings fitted(Settings settings, const Samples& train) {
  THIMBLE_ASSERT(!train.sound.empty());
  const frontend::FloatFrontend front_end(settings);
  const std::size_t clips = std::min(kFittedClips, train.size());
  std::vector<double> values;
  for (std::size_t i = 0; i < clips; ++i) {
    const auto features = front_end.features(train.clip(i * train.size() / clips));
    values.insert(values.end(), features.begin(), features.end());
  }
  const bool logarithms =
      settings.kind != Kind::kRaw && settings.log.kind != frontend::LogKind::kNone;
  const double low = std::min(quantile(values, logarithms ? kQuietTail : kFittedTail), 0.0);
  const double high = std::max(quantile(values, 1 - kFittedTail), 0.0);
  frontend::Quantisation& q = settings.quantisation;
  // Features of nothing but silence may all be 0: any scale will do.
  q.scale = high > low ? std::max((high - low) / 255, kSmallestScale) : 1;
  q.zero_point = static_cast<int>(std::clamp(std::round(-128 - low / q.scale), -128.0, 127.0));
  frontend::check(settings);
  return settings;
}

}  // namespace thimble::features
