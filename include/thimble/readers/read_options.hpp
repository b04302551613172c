#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "thimble/graph/op.hpp"

namespace thimble {

/// Channels of images: as the files have them (RGB when any of them is), or all of one kind.
enum class Colour { kAsFound, kGrey, kRgb };

/// How samples of sound are kept.
enum class SoundFormat { kInt16, kFloat };

/// Steps of a window of a series where nothing else is said.
inline constexpr int kUsualWindow = 128;

struct RawDataset;

/// How far the reading of a set is.
struct ReadingProgress {
  std::string_view doing;  ///< "read", "looked at"
  std::size_t done = 0;
  std::size_t of = 0;  ///< files; 0: nobody knows
};

/// What goes along with reading. Empty ones are not called; a reader of a few files may call none.
struct ReadHooks {
  std::function<void(const ReadingProgress&)> progress;
  /// Called again and again between two samples: every sample of the set is whole, its label
  /// included. May take away values, which are those of the last samples of their split.
  std::function<void(RawDataset& so_far)> between_samples;
};

/// What a reader makes of files that leave it open. Which kind of set heeds which: docs/data.md.
struct ReadOptions {
  /// Refuses the first file that cannot be read instead of leaving it out.
  bool strict = false;

  /// Images: all are resized to this. Without it they must be of one size.
  std::optional<Extent> image_size;
  Colour colour = Colour::kAsFound;

  /// Sound: samples a second; what has another rate is resampled.
  int sample_rate = 16'000;
  /// Samples of a clip; one second when not given. Longer clips are cut, shorter ones padded with
  /// silence.
  std::optional<int> clip;
  SoundFormat sound = SoundFormat::kInt16;
  /// Ten words, silence and unknown out of Speech Commands (Warden 2018).
  bool twelve_words = false;

  /// Series: steps of a window (default: kUsualWindow), and from one window to the next (default:
  /// half a window).
  std::optional<int> window;
  std::optional<int> stride;

  /// Tables and arrays: what one row is.
  std::optional<Shape> shape;

  /// Decides what is drawn while reading (silence, unknown words), and nothing else.
  std::uint64_t seed = 0;

  ReadHooks hooks = {};
};

}  // namespace thimble
