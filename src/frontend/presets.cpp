#include "thimble/frontend/presets.hpp"

#include <array>
#include <cfloat>
#include <vector>

#include "thimble/core/error.hpp"
#include "thimble/core/text.hpp"

namespace thimble::frontend {
namespace {

Settings mlperf_tiny_kws() {
  return {.level = Level::kClipMaximum,
          .log = {.offset = 1e-6},
          .quantisation = {
              .scale = 0.5847029089927673, .zero_point = 83, .rounding = Rounding::kTruncate}};
}

Settings munas_speech_commands() {
  // The operator takes the root of the squared magnitudes that it is given.
  return {.hop_length = 160,
          .log = {.floor = 1e-12},
          .dct_coefficients = 40,
          // From −123.6 to 29.4: loud speech, and all that is not nearly silent.
          .quantisation = {.scale = 0.6, .zero_point = 78}};
}

Settings micronets_kws() {
  return {.window_length = 640,
          .fft_size = 1024,
          .mel = {.high_hz = 7600},
          .log = {.floor = FLT_MIN},
          .quantisation = {.scale = 0.201095, .zero_point = -5}};
}

Settings mlperf_tiny_ad() {
  return {.kind = Kind::kLogMel,
          .clip_length = 1024 + 4 * 512,
          .window_length = 1024,
          .hop_length = 512,
          .fft_size = 1024,
          .spectrum = Spectrum::kPower,
          .mel = {.bands = 128,
                  .low_hz = 0,
                  .high_hz = 8000,
                  .scale = MelScale::kSlaney,
                  .slope = MelSlope::kHertz,
                  .unit_area = true},
          .log = {.kind = LogKind::kDecibel, .offset = DBL_EPSILON},
          .quantisation = {
              .scale = 0.3910152316093445, .zero_point = 89, .rounding = Rounding::kTruncate}};
}

}  // namespace

std::span<const Preset> presets() {
  static const std::array<Preset, 4> all = {{
      {"mlperf-tiny-kws", "MFCC 49x10, 30 ms / 20 ms, 20-4000 Hz: MLPerf Tiny, keywords",
       mlperf_tiny_kws()},
      {"munas-speech-commands", "MFCC 98x40, 30 ms / 10 ms, 20-4000 Hz: uNAS, Speech Commands",
       munas_speech_commands()},
      {"micronets-kws", "MFCC 49x10, 40 ms / 20 ms, 20-7600 Hz: MicroNets, keywords",
       micronets_kws()},
      {"mlperf-tiny-ad", "log-mel 5x128, 64 ms / 32 ms, 0-8000 Hz: MLPerf Tiny, anomalies",
       mlperf_tiny_ad()},
  }};
  return all;
}

const Preset& find_preset(std::string_view name) {
  std::vector<std::string> names;
  for (const Preset& preset : presets()) {
    if (preset.name == name) return preset;
    names.push_back(preset.name);
  }
  raise<ConfigError>("front end = {}: is no preset{}: take one of {}", name,
                     did_you_mean(name, names), fmt::join(names, ", "));
}

}  // namespace thimble::frontend
