#include "thimble/features/features.hpp"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>
#include <vector>

#include "thimble/core/error.hpp"
#include "thimble/data/waveform.hpp"
#include "thimble/frontend/fixed_frontend.hpp"

namespace thimble::features {
namespace {

Shape feature_shape(const frontend::Settings& settings) {
  return {.height = settings.frames(), .width = settings.width(), .channels = 1};
}

void check_sound(const Samples& samples, const frontend::Settings& settings,
                 std::string_view name) {
  if (samples.empty()) return;
  if (samples.sound.empty()) {
    raise<DataError>("{}: holds no sound in 16 bits: a front end takes nothing else", name);
  }
  if (samples.shape.elements() != settings.clip_length) {
    raise<DataError>("{}: clip = {} samples: the front end takes {}", name,
                     samples.shape.elements(), settings.clip_length);
  }
}

/// Features of `count` clips, [count, frames, width]; clip(i) answers the samples of clip i,
/// perhaps on several threads at once. Every worker has a front end of its own and writes where its
/// clips belong.
template <class Clip>
std::vector<std::int8_t> features_of(std::size_t count, const Clip& clip,
                                     const frontend::Settings& settings, int workers) {
  const auto width = static_cast<std::size_t>(feature_shape(settings).elements());
  std::vector<std::int8_t> features(count * width);
  const auto work = [&](frontend::FixedFrontend front_end, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      std::ranges::copy(front_end.features(clip(i)),
                        features.begin() + static_cast<std::ptrdiff_t>(i * width));
    }
  };
  const std::size_t parts =
      std::clamp<std::size_t>(static_cast<std::size_t>(workers), 1, count + 1);
  std::vector<std::jthread> threads;
  for (std::size_t w = 0; w < parts; ++w) {
    threads.emplace_back(work, frontend::FixedFrontend(settings), count * w / parts,
                         count * (w + 1) / parts);
  }
  threads.clear();
  return features;
}

std::vector<FeatureVersions> versions_of(const Dataset& dataset, const frontend::Settings& settings,
                                         int workers, const VersionOptions& options) {
  std::vector<FeatureVersions> all;
  const auto noisy = [](const WaveformPolicy& waveform) { return waveform.noise.has_value(); };
  NoiseRecordings noise;
  if (std::ranges::any_of(options.waveforms, noisy)) {
    noise = read_noise(dataset.noise, settings.sample_rate);
  }
  const auto count = static_cast<std::size_t>(options.count);
  const Rng rng(options.seed);
  for (const WaveformPolicy& waveform : options.waveforms) {
    const auto clip = [&](std::size_t number) {
      const std::size_t sample = number / count;
      return varied_clip(dataset.train.clip(sample), waveform, noise,
                         rng.fork(sample).fork(number % count));
    };
    all.push_back({.waveform = waveform,
                   .count = count,
                   .features = features_of(dataset.train.size() * count, clip, settings, workers)});
  }
  return all;
}

Samples featured(Samples samples, const frontend::Settings& settings, int workers) {
  samples.features = features_of(
      samples.size(), [&](std::size_t i) { return samples.clip(i); }, settings, workers);
  samples.sound = {};
  samples.shape = feature_shape(settings);
  return samples;
}

}  // namespace

Dataset with_features(Dataset dataset, const frontend::Settings& settings, int workers,
                      const VersionOptions& versions) {
  frontend::check(settings);
  THIMBLE_ASSERT(workers > 0 && versions.count > 0);
  for (Samples* split : {&dataset.train, &dataset.validation, &dataset.test}) {
    check_sound(*split, settings, dataset.name);
  }
  std::vector<FeatureVersions> made = versions_of(dataset, settings, workers, versions);
  for (Samples* split : {&dataset.train, &dataset.validation, &dataset.test}) {
    *split = featured(std::move(*split), settings, workers);
  }
  dataset.train.versions = std::move(made);
  dataset.normalisation = measure_normalisation(dataset.train);
  for (float& mean : dataset.normalisation.mean) mean = std::round(mean);
  return dataset;
}

}  // namespace thimble::features
