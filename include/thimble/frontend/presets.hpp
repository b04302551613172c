#pragma once

#include <span>
#include <string>
#include <string_view>

#include "thimble/frontend/settings.hpp"

namespace thimble::frontend {

/// A published front end.
struct Preset {
  std::string name;     // "mlperf-tiny-kws"
  std::string summary;  // one line for people
  Settings settings;
};

/// - `mlperf-tiny-kws`: 49×10 MFCC, the input of MLPerf Tiny's keyword task (mlcommons/tiny,
///   keyword_spotting/get_dataset.py);
/// - `munas-speech-commands`: 98×40 MFCC (Liberis et al. 2021), computed as TensorFlow's
///   audio_spectrogram and mfcc operators do. No quantisation is published: scale and zero point
///   are made for Speech Commands;
/// - `micronets-kws`: 49×10 MFCC (Banbury et al. 2021), as Arm's evaluation kit computes it;
/// - `mlperf-tiny-ad`: 5×128 log-mel in decibels, one input of MLPerf Tiny's anomaly task. librosa
///   centres its frames: its frame t is ours that begins at sample 512 (t − 1).
std::span<const Preset> presets();

/// Throws ConfigError with the nearest name when there is none.
const Preset& find_preset(std::string_view name);

}  // namespace thimble::frontend
