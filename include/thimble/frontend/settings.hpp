#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "thimble/core/json.hpp"

namespace thimble::frontend {

/// What a front end makes of audio (or of any signal in 16-bit samples).
enum class Kind {
  kRaw,     // the samples themselves
  kStft,    // the spectrum of each frame, fft_size / 2 + 1 bins
  kLogMel,  // the logarithm of the energies in mel bands
  kMfcc,    // the first coefficients of their cosine transform
};

/// All are periodic: w[i] = w[length − i].
enum class Window { kHann, kHamming, kRectangular };

/// What a sample is divided by before all else.
enum class Level {
  kFullScale,    // 32768
  kClipMaximum,  // the largest sample of the clip (its sign does not matter; 1 where it is 0)
};

enum class Spectrum { kMagnitude, kPower };

enum class MelScale {
  kHtk,     // 1127 ln(1 + f / 700)
  kSlaney,  // 3 f / 200 below 1 kHz, 15 + 27 ln(f / 1000) / ln 6.4 above
};

/// Along which axis the sides of a mel triangle are straight.
enum class MelSlope { kMel, kHertz };

struct MelSettings {
  int bands = 40;
  double low_hz = 20;
  double high_hz = 4000;
  MelScale scale = MelScale::kHtk;
  MelSlope slope = MelSlope::kMel;
  bool unit_area = false;  // each band times 2 / (its width in Hz), as Slaney and librosa do

  bool operator==(const MelSettings&) const = default;
};

enum class LogKind {
  kNone,     // only a spectrum may go without
  kNatural,  // ln v
  kDecibel,  // 10 log10 of power, 20 log10 of magnitude
};

/// log(max(v + offset, floor)); one of the two is above 0, so that silence has a logarithm.
struct LogSettings {
  LogKind kind = LogKind::kNatural;
  double offset = 0;
  double floor = 0;

  bool operator==(const LogSettings&) const = default;
};

enum class Rounding {
  kNearest,   // halves away from zero
  kTruncate,  // towards zero, as a cast to an integer does
};

/// q = round(v / scale + zero_point), saturated to int8.
struct Quantisation {
  double scale = 1;
  int zero_point = 0;
  Rounding rounding = Rounding::kNearest;

  bool operator==(const Quantisation&) const = default;
};

/// One front end, whole. A clip of `clip_length` samples is cut into frames of `window_length`, one
/// each `hop_length`; each becomes one row of features: [frames(), width()].
struct Settings {
  Kind kind = Kind::kMfcc;
  int sample_rate = 16000;  // Hz
  int clip_length = 16000;  // samples
  int window_length = 480;  // samples
  int hop_length = 320;     // samples
  Level level = Level::kFullScale;
  // Those below mean nothing to raw samples, mel bands nothing to a spectrum, cosine coefficients
  // nothing but to MFCC.
  int fft_size = 512;  // samples, zeros behind the window
  Window window = Window::kHann;
  Spectrum spectrum = Spectrum::kMagnitude;
  MelSettings mel;
  LogSettings log;
  int dct_coefficients = 10;
  Quantisation quantisation;

  /// 1 + (clip_length − window_length) / hop_length, rounded down.
  int frames() const { return 1 + (clip_length - window_length) / hop_length; }
  /// Features of one frame.
  int width() const;
  /// Bins of the spectrum, from 0 Hz to half the sample rate.
  int bins() const { return fft_size / 2 + 1; }

  bool operator==(const Settings&) const = default;
};

inline constexpr int kSmallestFft = 16;
inline constexpr int kLargestFft = 4096;
/// Samples of a clip at most, and values of its frames (features; mel bands of MFCC).
inline constexpr int kLongestClip = 1 << 20;

/// Throws ConfigError `place: field = value: what would do` for what no front end can compute: a
/// field out of its range, an FFT that is no power of two or shorter than the window, a mel band
/// without a bin of the spectrum, a logarithm of nothing, a level that needs a logarithm.
void check(const Settings& settings, std::string_view place = "front end");

/// Reads what `to_json` writes and checks it. A field that the kind has no use for is refused as
/// well as one that is missing. `place` names the text in errors; throws ConfigError.
Settings parse_settings(std::string_view json, std::string_view place);

/// {"kind": "mfcc", "sample_rate": 16000, …}: only what the kind uses.
OrderedJson to_json(const Settings& settings);

}  // namespace thimble::frontend
