#include "sound_model.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "model_files.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/printable.hpp"
#include "thimble/files/audio.hpp"
#include "thimble/tflite/reader.hpp"

namespace thimble::cli {

SoundModel read_sound_model(const Settings& settings, const std::string& path) {
  SoundModel model{.network = read_tflite(read_bytes(path), path),
                   .features = read_front_end(settings, path),
                   .names = {}};
  const Graph& graph = model.network.graph;
  const std::int64_t inputs = graph.shape(graph.inputs().at(0)).elements();
  const std::int64_t features = std::int64_t{model.features.frames()} * model.features.width();
  if (graph.inputs().size() != 1 || inputs != features) {
    raise<ModelError>("{}: input = {} values: its front end gives {}x{} = {}", path, inputs,
                      model.features.frames(), model.features.width(), features);
  }
  const std::int64_t outputs = graph.shape(graph.output()).elements();
  model.names =
      read_class_names(settings, path, static_cast<std::size_t>(outputs == 1 ? 2 : outputs));
  return model;
}

bool is_recording(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending == ".wav" || ending == ".flac";
}

std::vector<std::int16_t> read_recording(const std::string& path, int rate, std::size_t most) {
  std::vector<std::int16_t> samples;
  for (const float sample : decode_audio(read_bytes(path), printable(path), rate, most)) {
    samples.push_back(to_int16(sample));
  }
  return samples;
}

}  // namespace thimble::cli
