#include "thimble/data/waveform.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "thimble/core/error.hpp"
#include "thimble/core/printable.hpp"
#include "thimble/files/audio.hpp"
#include "thimble/files/file_tree.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

enum Stream : std::uint64_t { kSpeed, kNoise };

constexpr float kFullScale = 32768;
/// An hour at 16 kHz, about.
constexpr std::size_t kMostOfARecording = std::size_t{1} << 26;
constexpr int kMadeSeconds = 10;
/// Made noise has its mean square well below full scale.
constexpr float kMadeLevel = 0.1F;
constexpr std::size_t kOctaves = 16;

std::vector<float> white_noise(std::size_t length, Rng rng) {
  std::vector<float> noise(length);
  for (float& sample : noise) sample = kMadeLevel * static_cast<float>(rng.normal());
  return noise;
}

std::vector<float> pink_noise(std::size_t length, Rng rng) {
  std::array<double, kOctaves> held{};
  for (double& number : held) number = rng.normal();
  const double level = kMadeLevel / std::sqrt(kOctaves + 1.0);
  std::vector<float> noise(length);
  for (std::size_t i = 0; i < length; ++i) {
    // One of them at each step: number k where i + 1 is an odd multiple of 2^k.
    const auto changing = static_cast<std::size_t>(std::countr_zero(i + 1));
    if (changing < kOctaves) held[changing] = rng.normal();
    double sum = rng.normal();
    for (const double number : held) sum += number;
    noise[i] = static_cast<float>(level * sum);
  }
  return noise;
}

double energy(std::span<const float> sound) {
  double sum = 0;
  for (const float sample : sound) sum += double{sample} * double{sample};
  return sum;
}

}  // namespace

std::vector<fs::path> find_noise(const fs::path& folder) {
  const fs::path place = folder / "_background_noise_";
  std::vector<fs::path> files;
  for (const fs::path& name : folder_entries(place)) {
    if (ends_in(name, {".wav", ".flac"})) files.push_back(place / name);
  }
  return files;
}

NoiseRecordings read_noise(std::span<const fs::path> files, int rate) {
  NoiseRecordings recordings;
  for (const fs::path& file : files) {
    const std::string place = printable(file.string());
    recordings.push_back(decode_audio(read_regular_file(file), place, rate, kMostOfARecording));
    if (energy(recordings.back()) == 0) raise<DataError>("{}: is silent: noise expected", place);
  }
  if (recordings.empty()) {
    const auto length = static_cast<std::size_t>(rate) * kMadeSeconds;
    recordings = {white_noise(length, Rng(0)), pink_noise(length, Rng(1))};
  }
  return recordings;
}

std::vector<float> played_faster(std::span<const float> clip, double factor) {
  const auto length = static_cast<std::ptrdiff_t>(clip.size());
  const double middle = static_cast<double>(length - 1) / 2;
  const auto at = [&](std::ptrdiff_t i) {
    return i < 0 || i >= length ? 0.0 : double{clip[static_cast<std::size_t>(i)]};
  };
  std::vector<float> out(clip.size());
  for (std::ptrdiff_t i = 0; i < length; ++i) {
    const double position = middle + factor * (static_cast<double>(i) - middle);
    const double whole = std::floor(position);
    const double t = position - whole;
    const auto before = static_cast<std::ptrdiff_t>(whole);
    const double a = at(before - 1);
    const double b = at(before);
    const double c = at(before + 1);
    const double d = at(before + 2);
    // Through b at t = 0 and c at t = 1, with the slopes (c − a) / 2 and (d − b) / 2 there.
    out[static_cast<std::size_t>(i)] = static_cast<float>(
        b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));
  }
  return out;
}

void add_noise(std::span<const float> noise, double decibels, std::span<float> clip) {
  THIMBLE_ASSERT(noise.size() == clip.size());
  const double of_noise = energy(noise);
  if (of_noise == 0) return;
  const auto factor =
      static_cast<float>(std::sqrt(energy(clip) / of_noise * std::pow(10, -decibels / 10)));
  for (std::size_t i = 0; i < clip.size(); ++i) clip[i] += factor * noise[i];
}

std::vector<std::int16_t> varied_clip(std::span<const std::int16_t> clip,
                                      const WaveformPolicy& policy, const NoiseRecordings& noise,
                                      const Rng& rng) {
  std::vector<float> sound(clip.size());
  std::ranges::transform(clip, sound.begin(), [](std::int16_t sample) {
    return static_cast<float>(sample) / kFullScale;
  });
  if (policy.speed > 0) {
    sound = played_faster(sound, 1 + policy.speed * rng.fork(kSpeed).uniform(-1, 1));
  }
  if (policy.noise) {
    THIMBLE_ASSERT(!noise.empty());
    Rng draw = rng.fork(kNoise);
    const double decibels = draw.uniform(policy.noise->low, policy.noise->high);
    const auto& recording =
        noise[static_cast<std::size_t>(draw.uniform_int(0, std::ssize(noise) - 1))];
    auto at = static_cast<std::size_t>(draw.uniform_int(0, std::ssize(recording) - 1));
    std::vector<float> excerpt(sound.size());
    for (float& sample : excerpt) {
      sample = recording[at];
      if (++at == recording.size()) at = 0;
    }
    add_noise(excerpt, decibels, sound);
  }
  std::vector<std::int16_t> out(sound.size());
  std::ranges::transform(sound, out.begin(), to_int16);
  return out;
}

}  // namespace thimble
