#pragma once

#include <optional>

#include "thimble/core/rng.hpp"
#include "thimble/graph/op.hpp"

namespace thimble {

/// From `low` to `high`, not above it.
struct DecibelRange {
  double low = 0;
  double high = 0;

  bool operator==(const DecibelRange&) const = default;
};

/// What is done to the samples of a clip of sound before its features are made; the default does
/// nothing. A front end costs as much as training a small network does, so it is done for a few
/// versions of each clip beforehand (features/features.hpp), of which every epoch takes one.
struct WaveformPolicy {
  /// Background noise is added, quieter than the clip by so much: the ratio of their mean squares,
  /// drawn uniformly in decibels. None: no noise.
  std::optional<DecibelRange> noise = {};
  /// Played faster by a factor uniform in 1 ± this, about the middle of the clip; in [0, 1).
  double speed = 0;

  bool operator==(const WaveformPolicy&) const = default;
};

/// How training samples are varied; the default varies nothing. Images are varied from `shift` to
/// `cutout`, in the order mirror, turn, crop, move (the first, second and last as μNAS does it,
/// dataset/ of its repository), colours, cutout. What is in the rest of the list is for what has an
/// axis of time. Every variation draws from a source of its own, so switching one on leaves the
/// others as they were.
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
  /// Stretches a part to the whole: of each axis, by itself, a length uniform in 1 − crop … 1 of
  /// it, at a place uniform among those there are. In [0, 1).
  double crop = 0;
  /// Colours, in this order, each by a factor f uniform in 1 ± this and held within 0 … 1: x
  /// becomes f x …
  double brightness = 0;
  /// … f x + (1 − f) m, where m is the mean grey of the image …
  double contrast = 0;
  /// … and f x + (1 − f) L, where L is the pixel's grey, 0.299 R + 0.587 G + 0.114 B. Of an image
  /// of three channels; no other has a saturation.
  double saturation = 0;
  /// A square of this side about a pixel (each equally likely) becomes the mean of the training
  /// samples; what of it lies outside is lost (DeVries & Taylor 2017).
  int cutout = 0;

  /// Moves along the axis of time by up to this share of its length, rounded down to whole steps.
  /// What moves in is the sample reflected at its end.
  double time_shift = 0;
  /// Of features: a run of rows and one of columns become the mean of the training samples, each at
  /// most this share of its axis, rounded down; all lengths up to there equally likely (time and
  /// frequency masks of SpecAugment, Park et al. 2019).
  double masks = 0;
  WaveformPolicy waveform = {};
  /// Time goes faster and slower: at six places, evenly spread, by a factor e^(σ z), z normal, the
  /// speed linear between them and the two ends where they were (after Um et al. 2017).
  double warp = 0;
  /// Each channel's distance from its mean is multiplied by 1 + σ z, z normal …
  double scaling = 0;
  /// … and to every value this share of its channel's deviation times a number is added, which is
  /// the sum of four uniform ones and as good as normal (within ±3.46).
  double jitter = 0;

  /// A sample becomes λ of itself and 1 − λ of another training sample, its label likewise, λ from
  /// Beta(mixup, mixup) (Zhang et al. 2018).
  double mixup = 0;

  bool operator==(const AugmentationPolicy&) const = default;
};

/// The part of an image that is stretched to the whole, in shares of its axes.
struct Crop {
  double top = 0;
  double left = 0;
  double height = 1;
  double width = 1;

  bool operator==(const Crop&) const = default;
};

/// What happens to one image, in this order.
struct Placement {
  bool mirrored = false;
  /// Bilinear; what lies outside the image counts as black (byte 0).
  double radians = 0;
  /// Bilinear; pixel i of n is read at (i + ½) · height + top · n − ½, held within 0 … n − 1.
  Crop crop = {};
  /// What moves in from outside is the image reflected at its border, the border pixel repeated
  /// (cba|abc: symmetric padding and a crop).
  int down = 0;
  int right = 0;

  bool operator==(const Placement&) const = default;
};

/// Takes five draws from `rng`, whatever the policy says, in this order: mirror, whether to turn,
/// angle, down, right. The crop comes from a fork of it.
Placement draw_placement(const AugmentationPolicy& policy, Shape shape, Rng rng);

/// Steps that a sample moves along its axis of time, which has `length` of them.
int draw_time_shift(const AugmentationPolicy& policy, int length, const Rng& rng);

/// Factors; 1 changes nothing.
struct Colours {
  double brightness = 1;
  double contrast = 1;
  double saturation = 1;

  bool operator==(const Colours&) const = default;
};

Colours draw_colours(const AugmentationPolicy& policy, const Rng& rng);

/// Rows first_row … end_row − 1 and columns likewise; nothing where an end is its first.
struct Patch {
  int first_row = 0;
  int end_row = 0;
  int first_column = 0;
  int end_column = 0;

  bool operator==(const Patch&) const = default;
};

/// What is cut out.
Patch draw_cutout(const AugmentationPolicy& policy, Shape shape, const Rng& rng);

/// The rows that are masked over the whole width, and the columns that are over the whole height.
Patch draw_masks(const AugmentationPolicy& policy, Shape shape, const Rng& rng);

}  // namespace thimble
