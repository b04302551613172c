#pragma once

#include "thimble/core/rng.hpp"
#include "thimble/graph/op.hpp"

namespace thimble {

/// How training images are varied; the default varies nothing. As μNAS does it (dataset/ of its
/// repository): mirror, then turn, then move.
struct AugmentationPolicy {
  /// Moves by up to this many pixels each way along both axes, all whole steps equally likely …
  int shift = 0;
  /// … or by up to this share of the axis' length, rounded down, where that is more.
  double shift_share = 0;
  /// Mirrors left and right in half of the cases.
  bool flip_horizontal = false;
  /// With this probability, turns about the centre by an angle uniform in ±rotate_radians.
  double rotate_probability = 0;
  double rotate_radians = 0;

  bool operator==(const AugmentationPolicy&) const = default;
};

/// What happens to one image, in this order.
struct Placement {
  bool mirrored = false;
  /// Bilinear; what lies outside the image counts as black (byte 0).
  double radians = 0;
  /// What moves in from outside is the image reflected at its border, the border pixel repeated
  /// (cba|abc: symmetric padding and a crop).
  int down = 0;
  int right = 0;

  bool operator==(const Placement&) const = default;
};

/// Takes five draws from `rng`, whatever the policy says, in this order: mirror, whether to turn,
/// angle, down, right. So switching one variation on leaves the others as they were.
Placement draw_placement(const AugmentationPolicy& policy, Shape shape, Rng rng);

}  // namespace thimble
