#include "thimble/data/augmentation.hpp"

#include <algorithm>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

int draw_shift(const AugmentationPolicy& policy, int length, Rng& rng) {
  // 0.29 · 100 is a little less than 29 in binary fractions.
  const int share = static_cast<int>(policy.shift_share * length + 1e-9);
  const int most = std::max(policy.shift, share);
  return static_cast<int>(rng.uniform_int(-most, most));
}

}  // namespace

Placement draw_placement(const AugmentationPolicy& policy, Shape shape, Rng rng) {
  THIMBLE_ASSERT(policy.shift >= 0 && policy.shift_share >= 0);
  const bool mirrored = rng.chance(0.5) && policy.flip_horizontal;
  const bool turned = rng.chance(policy.rotate_probability);
  const double radians = rng.uniform(-policy.rotate_radians, policy.rotate_radians);
  const int down = draw_shift(policy, shape.height, rng);
  const int right = draw_shift(policy, shape.width, rng);
  return {.mirrored = mirrored, .radians = turned ? radians : 0, .down = down, .right = right};
}

}  // namespace thimble
