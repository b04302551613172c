#include "audio_files.hpp"

#include <map>

#include "file_tree.hpp"
#include "thimble/core/error.hpp"
#include "thimble/data/audio.hpp"

namespace thimble {
namespace {

/// An hour at 16 kHz, about: of sources of excerpts, which are decoded whole.
constexpr std::size_t kMostOfASource = std::size_t{1} << 26;

/// Decoded files that excerpts are cut from; each is decoded once.
class Excerpts {
 public:
  explicit Excerpts(int rate) : rate_(rate) {}

  std::vector<float> cut(const LabelledFile& file, std::size_t length) {
    std::vector<float>& source = sources_[file.path];
    if (source.empty()) {
      source = decode_audio(read_regular_file(file.path), printable(file.path.string()), rate_,
                            kMostOfASource);
    }
    const std::size_t places = source.size() - std::min(length, source.size()) + 1;
    const auto begin = static_cast<std::size_t>(file.excerpt->at * static_cast<double>(places));
    std::vector<float> clip(
        source.begin() + static_cast<std::ptrdiff_t>(begin),
        source.begin() + static_cast<std::ptrdiff_t>(std::min(begin + length, source.size())));
    for (float& sample : clip) sample *= file.excerpt->volume;
    return clip;
  }

 private:
  int rate_;
  std::map<std::filesystem::path, std::vector<float>> sources_;
};

}  // namespace

RawDataset read_sounds(FileSet files, const ReadOptions& options) {
  const int length = options.clip.value_or(options.sample_rate);
  const auto size = static_cast<std::size_t>(length);
  Excerpts excerpts(options.sample_rate);
  return read_files(std::move(files), options, {.height = 1, .width = length, .channels = 1},
                    [&](const LabelledFile& file, Samples& part) {
                      std::vector<float> clip = file.excerpt
                                                    ? excerpts.cut(file, size)
                                                    : decode_audio(read_regular_file(file.path),
                                                                   printable(file.path.string()),
                                                                   options.sample_rate, size);
                      clip.resize(size);
                      if (options.sound == SoundFormat::kFloat) {
                        part.values.append(clip);
                      } else {
                        for (const float sample : clip) part.sound.push_back(to_int16(sample));
                      }
                    });
}

}  // namespace thimble
