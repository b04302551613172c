#include "support/keyword_clips.hpp"

#include <sstream>

#include "thimble/core/file.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/files/audio.hpp"

namespace thimble::testing {
namespace {

/// One channel of 16 bits at 16 kHz comes out of the decoder as it is.
std::vector<std::int16_t> read_clip(const std::filesystem::path& path) {
  std::vector<std::int16_t> samples;
  for (const float sample : decode_audio(read_bytes(path), path.string(), 16'000, 1 << 20)) {
    samples.push_back(to_int16(sample));
  }
  return samples;
}

}  // namespace

std::vector<KeywordClip> keyword_clips() {
  const auto folder = data_folder();
  const auto list = folder / "mlperf-tiny-kws/kws01_clips.csv";
  if (!path_exists(list) || !path_exists(folder / "speech-commands-mini/.complete")) return {};
  std::istringstream lines(read_text(list));
  std::string line;
  std::getline(lines, line);  // input,clip
  std::vector<KeywordClip> clips;
  while (std::getline(lines, line)) {
    const auto comma = line.find(',');
    const std::string name = line.substr(0, comma);
    const auto input = read_bytes(folder / "mlperf-tiny-kws/kws01" / name);
    clips.push_back({.name = name,
                     .samples = read_clip(folder / "speech-commands-mini" / line.substr(comma + 1)),
                     .input = {input.begin(), input.end()}});
  }
  return clips;
}

}  // namespace thimble::testing
