#include "audio_files.hpp"

#include <algorithm>
#include <map>
#include <span>

#include "thimble/core/error.hpp"
#include "thimble/files/audio.hpp"
#include "thimble/files/file_tree.hpp"

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

void append_clip(std::span<const float> clip, SoundFormat format, Samples& part) {
  if (format == SoundFormat::kFloat) {
    part.values.append(clip);
  } else {
    for (const float sample : clip) part.sound.push_back(to_int16(sample));
  }
}

/// Clips of one file may share samples: they are not to be in two splits.
void group_by_file(FileSet& set) {
  std::int32_t next = 0;
  for (const LabelledFile& file : set.files) next = std::max(next, file.group + 1);
  for (LabelledFile& file : set.files) {
    if (file.group < 0) file.group = next++;
  }
}

}  // namespace

RawDataset read_sounds(FileSet files, const ReadOptions& options) {
  const int length = options.clip.value_or(options.sample_rate);
  const auto size = static_cast<std::size_t>(length);
  const std::size_t most = options.stride ? kMostOfASource : size;
  if (options.stride) group_by_file(files);
  Excerpts excerpts(options.sample_rate);
  return read_files(std::move(files), options, {.height = 1, .width = length, .channels = 1},
                    [&](const LabelledFile& file, Samples& part) {
                      std::vector<float> sound = file.excerpt
                                                     ? excerpts.cut(file, size)
                                                     : decode_audio(read_regular_file(file.path),
                                                                    printable(file.path.string()),
                                                                    options.sample_rate, most);
                      sound.resize(std::max(sound.size(), size));
                      std::size_t clips = 0;
                      const std::size_t stride =
                          options.stride ? static_cast<std::size_t>(*options.stride) : sound.size();
                      for (std::size_t at = 0; at + size <= sound.size(); at += stride, ++clips) {
                        append_clip(std::span(sound).subspan(at, size), options.sound, part);
                      }
                      return clips;
                    });
}

}  // namespace thimble
