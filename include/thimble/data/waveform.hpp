#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "thimble/samples/augmentation.hpp"

namespace thimble {

/// Sound to be heard behind clips: recordings at the clips' rate, each in ±1, none empty.
using NoiseRecordings = std::vector<std::vector<float>>;

/// The .wav and .flac files in `folder` / `_background_noise_`; empty where there are none.
std::vector<std::filesystem::path> find_noise(const std::filesystem::path& folder);

/// These files at `rate` samples a second, or, without any, ten seconds of white and ten of pink
/// noise (whose octaves all have about the same power: 16 normal numbers added up, of which the
/// k-th is drawn anew each 2^k steps, one at a time: Voss's and McCartney's way). Throws DataError
/// for a file that cannot be read or is silent throughout.
NoiseRecordings read_noise(std::span<const std::filesystem::path> files, int rate);

/// Sample i is what the clip has at c + f (i − c), c its middle, by the cubic through the four
/// samples around it (Catmull & Rom 1974); silence outside.
std::vector<float> played_faster(std::span<const float> clip, double factor);

/// Adds `noise`, of the same length, times the factor that makes 10 log10 (Σ clip² / Σ (factor ·
/// noise)²) = `decibels`. Nothing where one of them is silent.
void add_noise(std::span<const float> noise, double decibels, std::span<float> clip);

/// The clip, first at another speed, then with noise: an excerpt of one of `noise`, each equally
/// likely, which begins anywhere in it and goes on from its beginning where it ends. `noise` may be
/// empty where the policy has none. Switching one on leaves the other's draws as they were.
std::vector<std::int16_t> varied_clip(std::span<const std::int16_t> clip,
                                      const WaveformPolicy& policy, const NoiseRecordings& noise,
                                      const Rng& rng);

}  // namespace thimble
