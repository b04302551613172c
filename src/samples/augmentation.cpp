#include "thimble/samples/augmentation.hpp"

#include <algorithm>

#include "thimble/core/error.hpp"
#include "variation_streams.hpp"

namespace thimble {
namespace {

/// A share of an axis in whole steps; 0.29 · 100 is a little less than 29 in binary fractions.
int steps_of(double share, int length) { return static_cast<int>(share * length + 1e-9); }

int draw_shift(const AugmentationPolicy& policy, int length, Rng& rng) {
  const int most = std::max(policy.shift, steps_of(policy.shift_share, length));
  return static_cast<int>(rng.uniform_int(-most, most));
}

Crop draw_crop(double most, Rng rng) {
  const double height = rng.uniform(1 - most, 1);
  const double width = rng.uniform(1 - most, 1);
  const double top = rng.uniform() * (1 - height);
  const double left = rng.uniform() * (1 - width);
  return {.top = top, .left = left, .height = height, .width = width};
}

struct Run {
  int first = 0;
  int end = 0;
};

Run draw_run(double share, int length, Rng& rng) {
  const auto count = static_cast<int>(rng.uniform_int(0, steps_of(share, length)));
  const auto first = static_cast<int>(rng.uniform_int(0, length - count));
  return {first, first + count};
}

Run draw_side(int side, int length, Rng& rng) {
  const int first = static_cast<int>(rng.uniform_int(0, length - 1)) - side / 2;
  return {std::max(first, 0), std::min(first + side, length)};
}

}  // namespace

Placement draw_placement(const AugmentationPolicy& policy, Shape shape, Rng rng) {
  THIMBLE_ASSERT(policy.shift >= 0 && policy.shift_share >= 0);
  const bool mirrored = rng.chance(0.5) && policy.flip_horizontal;
  const bool turned = rng.chance(policy.rotate_probability);
  const double radians = rng.uniform(-policy.rotate_radians, policy.rotate_radians);
  const int down = draw_shift(policy, shape.height, rng);
  const int right = draw_shift(policy, shape.width, rng);
  const Crop crop =
      policy.crop > 0 ? draw_crop(policy.crop, stream_of(rng, VariationStream::kCrop)) : Crop{};
  return {.mirrored = mirrored,
          .radians = turned ? radians : 0,
          .crop = crop,
          .down = down,
          .right = right};
}

int draw_time_shift(const AugmentationPolicy& policy, int length, const Rng& rng) {
  const int most = steps_of(policy.time_shift, length);
  if (most == 0) return 0;
  return static_cast<int>(stream_of(rng, VariationStream::kTimeShift).uniform_int(-most, most));
}

Colours draw_colours(const AugmentationPolicy& policy, const Rng& rng) {
  Rng own = stream_of(rng, VariationStream::kColours);
  const auto factor = [&](double most) { return 1 + most * own.uniform(-1, 1); };
  const double brightness = factor(policy.brightness);
  const double contrast = factor(policy.contrast);
  return {.brightness = brightness, .contrast = contrast, .saturation = factor(policy.saturation)};
}

Patch draw_cutout(const AugmentationPolicy& policy, Shape shape, const Rng& rng) {
  Rng own = stream_of(rng, VariationStream::kCutout);
  const Run rows = draw_side(policy.cutout, shape.height, own);
  const Run columns = draw_side(policy.cutout, shape.width, own);
  return {rows.first, rows.end, columns.first, columns.end};
}

Patch draw_masks(const AugmentationPolicy& policy, Shape shape, const Rng& rng) {
  Rng own = stream_of(rng, VariationStream::kMasks);
  const Run rows = draw_run(policy.masks, shape.height, own);
  const Run columns = draw_run(policy.masks, shape.width, own);
  return {rows.first, rows.end, columns.first, columns.end};
}

}  // namespace thimble
