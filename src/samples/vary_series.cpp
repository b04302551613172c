#include <algorithm>
#include <array>
#include <cmath>

#include "vary_values.hpp"

namespace thimble {
namespace {

/// Places along a sample where its speed is drawn.
constexpr int kKnots = 6;
/// The sum of four numbers uniform in 0 … 65535: its mean, and its deviation, √(4 · 65536² / 12).
constexpr float kMeanOfFour = 4 * 32767.5F;
constexpr float kDeviationOfFour = 37837.227F;

float as_good_as_normal(std::uint64_t bits) {
  const std::uint64_t sum =
      (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
  return (static_cast<float>(sum) - kMeanOfFour) / kDeviationOfFour;
}

}  // namespace

void warped_times(double sigma, int length, Rng rng, std::vector<float>& times) {
  std::array<double, kKnots> speeds{};
  for (double& speed : speeds) speed = std::exp(sigma * rng.normal());
  const auto speed_at = [&](int step) {
    const double at = static_cast<double>(step) / (length - 1) * (kKnots - 1);
    const int knot = std::min(static_cast<int>(at), kKnots - 2);
    const double before = speeds[static_cast<std::size_t>(knot)];
    const double behind = speeds[static_cast<std::size_t>(knot) + 1];
    return before + (at - knot) * (behind - before);
  };
  times.assign(static_cast<std::size_t>(length), 0.0F);
  if (length < 2) return;
  // The integral of the speed by trapezoids, and then so stretched that the ends meet.
  double whole = 0;
  for (int i = 1; i < length; ++i) whole += (speed_at(i - 1) + speed_at(i)) / 2;
  double so_far = 0;
  for (int i = 1; i + 1 < length; ++i) {
    so_far += (speed_at(i - 1) + speed_at(i)) / 2;
    times[static_cast<std::size_t>(i)] = static_cast<float>(so_far / whole * (length - 1));
  }
  times.back() = static_cast<float>(length - 1);
}

void warp(std::span<const float> times, std::size_t channels, std::vector<float>& scratch,
          std::span<float> sample) {
  scratch.assign(sample.begin(), sample.end());
  float* out = sample.data();
  for (const float time : times) {
    const auto before = std::min(static_cast<std::size_t>(time), times.size() - 1);
    const auto behind = std::min(before + 1, times.size() - 1);
    const float part = time - static_cast<float>(before);
    const float* from = scratch.data() + before * channels;
    const float* to = scratch.data() + behind * channels;
    for (std::size_t c = 0; c < channels; ++c) *out++ = from[c] + part * (to[c] - from[c]);
  }
}

void scale_channels(double sigma, std::size_t channels, Rng rng, std::span<float> sample) {
  for (std::size_t c = 0; c < channels; ++c) {
    const auto factor = static_cast<float>(1 + sigma * rng.normal());
    for (std::size_t i = c; i < sample.size(); i += channels) sample[i] *= factor;
  }
}

void jitter(double sigma, Rng rng, std::span<float> sample) {
  const auto share = static_cast<float>(sigma);
  for (float& value : sample) value += share * as_good_as_normal(rng.bits());
}

}  // namespace thimble
