#include "thimble/files/audio.hpp"

#include <samplerate.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "thimble/core/error.hpp"
#include "thimble/core/printable.hpp"

namespace thimble {
namespace {

constexpr int kMostChannels = 64;
constexpr int kLeastRate = 100;
constexpr int kMostRate = 1'000'000;
constexpr sf_count_t kBlock = 4096;
/// Resampling looks ahead by this many samples of the lower rate, at most.
constexpr double kLookAhead = 512;

/// The file's bytes as libsndfile reads them.
struct Memory {
  std::span<const std::uint8_t> file;
  sf_count_t at = 0;
};

sf_count_t memory_size(void* user) {
  return static_cast<sf_count_t>(static_cast<Memory*>(user)->file.size());
}

sf_count_t memory_seek(sf_count_t offset, int whence, void* user) {
  auto* memory = static_cast<Memory*>(user);
  const sf_count_t size = memory_size(user);
  const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? memory->at : size;
  if (offset < -from || offset > size - from) return -1;
  memory->at = from + offset;
  return memory->at;
}

sf_count_t memory_read(void* to, sf_count_t count, void* user) {
  auto* memory = static_cast<Memory*>(user);
  const sf_count_t size = std::clamp<sf_count_t>(count, 0, memory_size(user) - memory->at);
  if (size > 0) std::memcpy(to, memory->file.data() + memory->at, static_cast<std::size_t>(size));
  memory->at += size;
  return size;
}

sf_count_t memory_write(const void*, sf_count_t, void*) { return 0; }

sf_count_t memory_tell(void* user) { return static_cast<Memory*>(user)->at; }

std::uint64_t little_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | bytes[i - 1];
  return value;
}

/// libsndfile makes do with what there is of a WAV that is cut off; we do not. "RIFF", size,
/// "WAVE", then chunks: a name of 4 bytes, a size of 4, the bytes, padded to an even number.
void check_data_chunk(std::span<const std::uint8_t> file, std::string_view place) {
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const std::uint64_t size = little_endian(file.subspan(at + 4, 4));
    const std::size_t left = file.size() - at - 8;
    if (std::memcmp(file.data() + at, "data", 4) == 0) {
      if (size <= left) return;
      raise<DataError>("{}: sound = {} bytes, says the header: the file has {}", place, size, left);
    }
    if (size > left) break;
    at += 8 + static_cast<std::size_t>(size + size % 2);
  }
  raise<DataError>("{}: is a WAV without sound: a `data` chunk expected", place);
}

void check_kind(std::span<const std::uint8_t> file, std::string_view place) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (text.size() >= 12 && text.starts_with("RIFF") && text.substr(8, 4) == "WAVE") {
    check_data_chunk(file, place);
  } else if (!text.starts_with("fLaC")) {
    raise<DataError>("{}: is neither WAV nor FLAC, whatever its name", place);
  }
}

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

struct Sound {
  std::vector<float> mono;
  int rate = 0;
};

/// As much as `most` samples at `rate` need.
Sound read_mono(std::span<const std::uint8_t> file, std::string_view place, int rate,
                std::size_t most) {
  Memory memory{.file = file};
  SF_VIRTUAL_IO io{memory_size, memory_seek, memory_read, memory_write, memory_tell};
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, Close> sound(sf_open_virtual(&io, SFM_READ, &info, &memory));
  if (!sound) raise<DataError>("{}: is damaged: {}", place, printable(sf_strerror(nullptr)));
  if (info.channels < 1 || info.channels > kMostChannels) {
    raise<DataError>("{}: channels = {}: 1 to {} are read", place, info.channels, kMostChannels);
  }
  if (info.samplerate < kLeastRate || info.samplerate > kMostRate) {
    raise<DataError>("{}: rate = {} Hz: {} to {} are read", place, info.samplerate, kLeastRate,
                     kMostRate);
  }
  // Above this no clip's length overflows, and nobody has the memory.
  const double ratio = static_cast<double>(info.samplerate) / rate;
  double wanted = static_cast<double>(most);
  if (info.samplerate != rate) wanted = wanted * ratio + kLookAhead * std::max(1.0, ratio);
  Sound out{.mono = {}, .rate = info.samplerate};
  std::vector<float> block(static_cast<std::size_t>(kBlock * info.channels));
  while (static_cast<double>(out.mono.size()) < wanted) {
    const sf_count_t frames = sf_readf_float(sound.get(), block.data(), kBlock);
    if (frames <= 0) break;
    for (sf_count_t i = 0; i < frames; ++i) {
      double sum = 0;
      for (int c = 0; c < info.channels; ++c) {
        sum += block[static_cast<std::size_t>(i * info.channels + c)];
      }
      const auto mean = static_cast<float>(sum / info.channels);
      if (!std::isfinite(mean)) {
        raise<DataError>("{}: sample {} = {}: finite numbers expected", place, out.mono.size(),
                         mean);
      }
      out.mono.push_back(mean);
    }
  }
  if (sf_error(sound.get()) != SF_ERR_NO_ERROR) {
    raise<DataError>("{}: is damaged: {}", place, printable(sf_strerror(sound.get())));
  }
  // A FLAC need not say how long it is.
  const auto read = static_cast<sf_count_t>(out.mono.size());
  if (static_cast<double>(read) < wanted && read < info.frames && info.frames != SF_COUNT_MAX) {
    raise<DataError>("{}: samples = {}: is cut off: {} expected", place, read, info.frames);
  }
  if (out.mono.empty()) raise<DataError>("{}: holds no samples", place);
  return out;
}

std::vector<float> resampled(const Sound& sound, std::string_view place, int rate) {
  const double ratio = static_cast<double>(rate) / sound.rate;
  if (!src_is_valid_ratio(ratio)) {
    raise<DataError>("{}: rate = {} Hz: cannot be resampled to {}", place, sound.rate, rate);
  }
  std::vector<float> out(
      static_cast<std::size_t>(std::ceil(static_cast<double>(sound.mono.size()) * ratio)) + 1);
  SRC_DATA data{};
  data.data_in = sound.mono.data();
  data.input_frames = static_cast<long>(sound.mono.size());
  data.data_out = out.data();
  data.output_frames = static_cast<long>(out.size());
  data.src_ratio = ratio;
  if (const int error = src_simple(&data, SRC_SINC_BEST_QUALITY, 1); error != 0) {
    raise<DataError>("{}: cannot be resampled: {}", place, src_strerror(error));
  }
  out.resize(static_cast<std::size_t>(data.output_frames_gen));
  return out;
}

}  // namespace

std::vector<float> decode_audio(std::span<const std::uint8_t> file, std::string_view place,
                                int rate, std::size_t most) {
  check_kind(file, place);
  Sound sound = read_mono(file, place, rate, most);
  std::vector<float> mono =
      sound.rate == rate ? std::move(sound.mono) : resampled(sound, place, rate);
  if (mono.size() > most) mono.resize(most);
  return mono;
}

std::int16_t to_int16(float sample) {
  const float scaled = std::nearbyint(sample * 32768.0F);
  return static_cast<std::int16_t>(std::clamp(scaled, -32768.0F, 32767.0F));
}

}  // namespace thimble
