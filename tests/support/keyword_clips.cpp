#include "support/keyword_clips.hpp"

#include <cstdlib>
#include <sstream>

#include "support/pcm16_wav.hpp"

namespace thimble::testing {
namespace {

std::filesystem::path data_folder() {
  if (const char* set = std::getenv("THIMBLE_DATA")) return set;
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home ? home : "") / ".cache/thimble/data";
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
    clips.push_back(
        {.name = name,
         .samples = read_pcm16_wav(folder / "speech-commands-mini" / line.substr(comma + 1)),
         .input = {input.begin(), input.end()}});
  }
  return clips;
}

}  // namespace thimble::testing
