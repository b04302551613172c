#include "thimble/frontend/settings.hpp"

#include <cmath>

#include "settings_names.hpp"
#include "thimble/core/error.hpp"
#include "thimble/frontend/mel.hpp"

namespace thimble::frontend {
namespace {

/// Complains of fields in the one form.
class Checker {
 public:
  explicit Checker(std::string_view place) : place_(place) {}

  template <class T>
  void require(bool holds, std::string_view field, const T& value, std::string_view what) const {
    if (!holds) raise<ConfigError>("{}: {} = {}: {}", place_, field, value, what);
  }
  void range(std::string_view field, int value, int low, int high) const {
    require(value >= low && value <= high, field, value,
            fmt::format("must be a whole number in {}..{}", low, high));
  }

 private:
  std::string_view place_;
};

void check_spectrum(const Settings& s, const Checker& checker) {
  const bool power_of_two = s.fft_size > 0 && (s.fft_size & (s.fft_size - 1)) == 0;
  checker.require(power_of_two && s.fft_size >= kSmallestFft && s.fft_size <= kLargestFft,
                  "fft_size", s.fft_size,
                  fmt::format("must be a power of two in {}..{}", kSmallestFft, kLargestFft));
  checker.require(s.fft_size >= s.window_length, "fft_size", s.fft_size,
                  fmt::format("must be at least window_length = {}", s.window_length));
}

void check_log(const Settings& s, const Checker& checker) {
  if (s.kind == Kind::kStft && s.log.kind == LogKind::kNone) {
    checker.require(s.level == Level::kFullScale, "level", name_of(kLevels, s.level),
                    "must be full_scale for a spectrum without a logarithm");
    return;
  }
  checker.require(s.log.kind != LogKind::kNone, "log.kind", name_of(kLogKinds, s.log.kind),
                  "must be natural or decibel for mel bands");
  // Logarithms to base 2 are held in fixed point between −128 and 128.
  const double smallest = std::ldexp(1.0, -126);
  const double largest = std::ldexp(1.0, 64);
  for (const auto& [field, value] :
       {std::pair("log.offset", s.log.offset), std::pair("log.floor", s.log.floor)}) {
    checker.require(value == 0 || (value >= smallest && value <= largest), field, value,
                    "must be 0 or in 1.1755e-38..1.8447e+19");
  }
  checker.require(s.log.offset > 0 || s.log.floor > 0, "log.offset", s.log.offset,
                  "must be above 0 where log.floor is 0: silence has no logarithm");
}

void check_mel(const Settings& s, const Checker& checker) {
  checker.range("mel.bands", s.mel.bands, 1, 256);
  checker.require(s.mel.low_hz >= 0 && s.mel.low_hz < s.mel.high_hz, "mel.low_hz", s.mel.low_hz,
                  fmt::format("must be in 0..mel.high_hz = {}", s.mel.high_hz));
  checker.require(s.mel.high_hz <= s.sample_rate / 2.0, "mel.high_hz", s.mel.high_hz,
                  fmt::format("must be at most half of sample_rate = {}", s.sample_rate));
  const MelBank bank = mel_bank(s);
  for (int band = 0; band < s.mel.bands; ++band) {
    checker.require(!is_empty(bank, band), "mel.bands", s.mel.bands,
                    fmt::format("band {} has no bin of the spectrum: take fewer bands, wider "
                                "limits or a larger fft_size",
                                band));
  }
}

}  // namespace

int Settings::width() const {
  switch (kind) {
    case Kind::kRaw:
      return window_length;
    case Kind::kStft:
      return bins();
    case Kind::kLogMel:
      return mel.bands;
    case Kind::kMfcc:
      return dct_coefficients;
  }
  return 0;
}

void check(const Settings& s, std::string_view place) {
  const Checker checker(place);
  checker.range("sample_rate", s.sample_rate, 1, 1'000'000);
  checker.range("clip_length", s.clip_length, 1, kLongestClip);
  checker.range("window_length", s.window_length, 1, kLargestFft);
  checker.require(s.window_length <= s.clip_length, "window_length", s.window_length,
                  fmt::format("must be at most clip_length = {}", s.clip_length));
  checker.range("hop_length", s.hop_length, 1, 65535);
  const Quantisation& q = s.quantisation;
  checker.require(q.scale >= 1e-9 && q.scale <= 1e9, "quantisation.scale", q.scale,
                  "must be in 1e-9..1e+9");
  checker.range("quantisation.zero_point", q.zero_point, -128, 127);
  if (s.kind == Kind::kRaw) {
    checker.require(s.hop_length == s.window_length, "hop_length", s.hop_length,
                    fmt::format("must be window_length = {} for raw samples", s.window_length));
    checker.require(s.level == Level::kFullScale, "level", name_of(kLevels, s.level),
                    "must be full_scale for raw samples");
  } else {
    checker.require(s.window_length >= 2, "window_length", s.window_length,
                    "must be at least 2 for a spectrum");
    check_spectrum(s, checker);
    check_log(s, checker);
    if (s.kind != Kind::kStft) check_mel(s, checker);
    if (s.kind == Kind::kMfcc) {
      checker.require(s.dct_coefficients >= 1 && s.dct_coefficients <= s.mel.bands,
                      "dct_coefficients", s.dct_coefficients,
                      fmt::format("must be in 1..mel.bands = {}", s.mel.bands));
    }
  }
  // A device keeps mel bands until a clip is complete, where it needs the clip's maximum.
  const int values = s.kind == Kind::kMfcc ? s.mel.bands : s.width();
  checker.require(std::int64_t{s.frames()} * values <= kLongestClip, "clip_length", s.clip_length,
                  fmt::format("has {} frames of {} values: must have at most {} values", s.frames(),
                              values, kLongestClip));
}

}  // namespace thimble::frontend
