#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "thimble/frontend/fft.hpp"
#include "thimble/frontend/mel.hpp"
#include "thimble/frontend/settings.hpp"

namespace thimble::frontend {

/// The weights of a window, [window_length], in [0, 1].
std::vector<double> window_weights(const Settings& settings);

/// `samples` as one clip of settings.clip_length: cut at the end, or zeros behind.
std::vector<std::int16_t> fit_clip(std::span<const std::int16_t> samples, const Settings& settings);

/// The settings computed as they are written down, in double: what a device's fixed point is
/// measured against. For each frame of x = sample / level,
///
///   X_k = Σ_i w_i x_i exp(−2πi i k / fft_size)         P_k = |X_k| or |X_k|²
///   E_b = gain_b Σ_k weight_bk P_k                      L_b = log(max(E_b + offset, floor))
///   c_k = sqrt(2 / bands) Σ_b L_b cos(π k (b + ½) / bands)
///
/// of which a spectrum stops after P (or its logarithm), log-mel after L.
class FloatFrontend {
 public:
  /// Throws ConfigError as `check` does.
  explicit FloatFrontend(const Settings& settings);

  const Settings& settings() const { return settings_; }

  /// One clip [clip_length] → [frames, width], in the unit of the logarithm. Throws DataError for
  /// another length.
  std::vector<double> features(std::span<const std::int16_t> clip) const;

 private:
  std::vector<double> frame(std::span<const std::int16_t> samples, double level) const;

  Settings settings_;
  std::vector<double> window_;
  RealFft fft_;
  MelBank bank_;  // empty where there are no mel bands
};

/// Each feature as int8, by the settings' quantisation. It rounds in single precision: cosines of
/// silence, which sum to 0 but for the last bits of a double, are then 0 to a cut towards zero too.
std::vector<std::int8_t> quantise(std::span<const double> features, const Quantisation& params);

}  // namespace thimble::frontend
