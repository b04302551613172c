#include "thimble/features/features.hpp"

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

#include "thimble/core/error.hpp"
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

/// Every worker has a front end of its own and writes where its clips belong.
Samples featured(Samples samples, const frontend::Settings& settings, int workers) {
  const Shape shape = feature_shape(settings);
  const auto width = static_cast<std::size_t>(shape.elements());
  std::vector<std::int8_t> features(samples.size() * width);
  const auto work = [&](frontend::FixedFrontend front_end, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      std::ranges::copy(front_end.features(samples.clip(i)),
                        features.begin() + static_cast<std::ptrdiff_t>(i * width));
    }
  };
  const std::size_t count =
      std::clamp<std::size_t>(static_cast<std::size_t>(workers), 1, samples.size() + 1);
  {
    std::vector<std::jthread> threads;
    for (std::size_t w = 0; w < count; ++w) {
      threads.emplace_back(work, frontend::FixedFrontend(settings), samples.size() * w / count,
                           samples.size() * (w + 1) / count);
    }
  }
  samples.sound = {};
  samples.shape = shape;
  samples.features = std::move(features);
  return samples;
}

}  // namespace

Dataset with_features(Dataset dataset, const frontend::Settings& settings, int workers) {
  frontend::check(settings);
  THIMBLE_ASSERT(workers > 0);
  for (Samples* split : {&dataset.train, &dataset.validation, &dataset.test}) {
    check_sound(*split, settings, dataset.name);
  }
  for (Samples* split : {&dataset.train, &dataset.validation, &dataset.test}) {
    *split = featured(std::move(*split), settings, workers);
  }
  dataset.normalisation = measure_normalisation(dataset.train);
  for (float& mean : dataset.normalisation.mean) mean = std::round(mean);
  return dataset;
}

}  // namespace thimble::features
