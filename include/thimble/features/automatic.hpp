#pragma once

#include "thimble/frontend/settings.hpp"
#include "thimble/samples/samples.hpp"

namespace thimble::features {

/// The front end of which only the kind is given, for clips of `clip_length` samples:
/// - spectra of windows of 40 ms (at most the clip and 4,096 samples), 20 ms apart, by the smallest
///   transform that holds one (and has a bin between the limits); of raw samples, rows of 20 ms;
/// - magnitudes in 40 mel bands from 20 Hz to 4 kHz (at most half the rate), fewer where a band
///   would have no bin; MFCC: 10 coefficients of them (at most as many as there are bands);
/// - samples in parts of full scale, ln(E + 1e-6), values rounded to the nearest.
/// The quantisation is left to `fitted`. Throws ConfigError for what no front end can compute.
frontend::Settings automatic(frontend::Kind kind, int sample_rate, int clip_length);

/// At most so many clips are looked at, evenly spread over the split.
inline constexpr std::size_t kFittedClips = 256;
/// Of their values this share may fall off each end …
inline constexpr double kFittedTail = 0.001;
/// … and this off the low end of logarithms: quiet frames, whose differences say less than those
/// that finer steps tell apart elsewhere (docs/frontend.md has the figures).
inline constexpr double kQuietTail = 0.02;

/// The settings with a scale and a zero point for which int8 just holds the features (of
/// `frontend::FloatFrontend`) of a training split, but for the tails: scale = (high − low) / 255
/// with low and high the values at the two tails, 0 always among what is held. Throws DataError for
/// clips of another length.
frontend::Settings fitted(frontend::Settings settings, const Samples& train);

}  // namespace thimble::features
