#include "thimble/frontend/float_frontend.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "thimble/core/error.hpp"

namespace thimble::frontend {
namespace {

Settings checked(const Settings& settings) {
  check(settings);
  return settings;
}

double level_of(const Settings& settings, std::span<const std::int16_t> clip) {
  if (settings.level == Level::kFullScale) return 32768;
  const int largest = *std::ranges::max_element(clip);
  return largest == 0 ? 1 : largest;
}

double logarithm(double value, const Settings& s) {
  if (s.log.kind == LogKind::kNone) return value;
  const double v = std::max(value + s.log.offset, s.log.floor);
  if (s.log.kind == LogKind::kNatural) return std::log(v);
  return (s.spectrum == Spectrum::kPower ? 10 : 20) * std::log10(v);
}

std::vector<double> cosine_transform(std::span<const double> values, int coefficients) {
  const auto n = static_cast<double>(values.size());
  std::vector<double> out;
  for (int k = 0; k < coefficients; ++k) {
    double sum = 0;
    for (std::size_t b = 0; b < values.size(); ++b) {
      sum += values[b] * std::cos(std::numbers::pi * k * (static_cast<double>(b) + 0.5) / n);
    }
    out.push_back(std::sqrt(2 / n) * sum);
  }
  return out;
}

}  // namespace

std::vector<double> window_weights(const Settings& s) {
  std::vector<double> weights;
  for (int i = 0; i < s.window_length; ++i) {
    const double cosine = std::cos(2 * std::numbers::pi * i / s.window_length);
    switch (s.window) {
      case Window::kHann:
        weights.push_back(0.5 - 0.5 * cosine);
        break;
      case Window::kHamming:
        weights.push_back(0.54 - 0.46 * cosine);
        break;
      case Window::kRectangular:
        weights.push_back(1);
        break;
    }
  }
  return weights;
}

std::vector<std::int16_t> fit_clip(std::span<const std::int16_t> samples,
                                   const Settings& settings) {
  const auto length = static_cast<std::size_t>(settings.clip_length);
  std::vector<std::int16_t> clip(length);
  std::ranges::copy(samples.first(std::min(length, samples.size())), clip.begin());
  return clip;
}

FloatFrontend::FloatFrontend(const Settings& settings)
    : settings_(checked(settings)),
      window_(window_weights(settings)),
      fft_(settings.kind == Kind::kRaw ? kSmallestFft : settings.fft_size) {
  if (settings.kind == Kind::kLogMel || settings.kind == Kind::kMfcc) bank_ = mel_bank(settings);
}

std::vector<double> FloatFrontend::features(std::span<const std::int16_t> clip) const {
  if (static_cast<int>(clip.size()) != settings_.clip_length) {
    raise<DataError>("front end: clip = {} samples: must be clip_length = {}", clip.size(),
                     settings_.clip_length);
  }
  const double level = level_of(settings_, clip);
  std::vector<double> all;
  for (int f = 0; f < settings_.frames(); ++f) {
    const auto start = static_cast<std::size_t>(f) * static_cast<std::size_t>(settings_.hop_length);
    const auto row = frame(clip.subspan(start, window_.size()), level);
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

std::vector<double> FloatFrontend::frame(std::span<const std::int16_t> samples,
                                         double level) const {
  std::vector<double> values;
  if (settings_.kind == Kind::kRaw) {
    for (const int x : samples) values.push_back(x / level);
    return values;
  }
  values.resize(static_cast<std::size_t>(settings_.fft_size));
  for (std::size_t i = 0; i < samples.size(); ++i) values[i] = window_[i] * samples[i] / level;
  std::vector<double> spectrum;
  for (const auto& bin : fft_.transform(values)) {
    spectrum.push_back(settings_.spectrum == Spectrum::kPower ? std::norm(bin) : std::abs(bin));
  }
  if (settings_.kind != Kind::kStft) spectrum = band_energies(bank_, spectrum);
  for (double& value : spectrum) value = logarithm(value, settings_);
  if (settings_.kind != Kind::kMfcc) return spectrum;
  return cosine_transform(spectrum, settings_.dct_coefficients);
}

std::vector<std::int8_t> quantise(std::span<const double> features, const Quantisation& params) {
  std::vector<std::int8_t> out;
  out.reserve(features.size());
  for (const double feature : features) {
    const auto real = static_cast<float>(feature / params.scale + params.zero_point);
    const float whole = params.rounding == Rounding::kNearest ? std::round(real) : std::trunc(real);
    out.push_back(static_cast<std::int8_t>(std::clamp(whole, -128.0F, 127.0F)));
  }
  return out;
}

}  // namespace thimble::frontend
