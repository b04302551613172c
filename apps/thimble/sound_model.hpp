#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "settings.hpp"
#include "thimble/frontend/settings.hpp"
#include "thimble/quant/quantized_model.hpp"

namespace thimble::cli {

/// A network for sound on the disk, with its front end and the names of its classes.
struct SoundModel {
  QuantizedModel network;
  frontend::Settings features;
  std::vector<std::string> names;
};

/// Reads them; --features and --names beat what lies beside `path`. Throws ModelError when the
/// network takes another number of values than the front end gives.
SoundModel read_sound_model(const Settings& settings, const std::string& path);

/// Whether the name ends as a recording's does: .wav, .flac.
bool is_recording(const std::string& path);

/// A WAV or FLAC file as samples of 16 bits at `rate`, one channel, `most` of them at most.
std::vector<std::int16_t> read_recording(const std::string& path, int rate, std::size_t most);

}  // namespace thimble::cli
