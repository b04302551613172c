// How many images a second does one core make ready for training? A network of 1 MMAC trains on
// some hundreds to thousands of images a second and core, so a hundred thousand are enough to be
// forgotten about. BM_FillBatch fills batches of 128 from 10,000 random images of MNIST's or
// CIFAR-10's shape: as they are, moved and mirrored, and turned too in 30 % of the cases; or
// cropped, coloured and cut out of, mixed. BM_FillFeatures does so from features of sound, 49x10,
// BM_FillSeries from windows of 128 steps of six channels.

#include <benchmark/benchmark.h>

#include <cmath>

#include "thimble/samples/batch.hpp"
#include "thimble/samples/mixup.hpp"

namespace thimble {
namespace {

constexpr std::size_t kBatch = 128;
constexpr Shape kDigit{.height = 28, .width = 28, .channels = 1};
constexpr Shape kPhotograph{.height = 32, .width = 32, .channels = 3};
const AugmentationPolicy kMoved{.shift = 2, .flip_horizontal = true};
const AugmentationPolicy kTurned{
    .shift = 2, .flip_horizontal = true, .rotate_probability = 0.3, .rotate_radians = 0.2};

const AugmentationPolicy kCropped{.shift = 2, .flip_horizontal = true, .crop = 0.2};
const AugmentationPolicy kColoured{.shift = 2,
                                   .flip_horizontal = true,
                                   .brightness = 0.2,
                                   .contrast = 0.2,
                                   .saturation = 0.2,
                                   .cutout = 8};
const AugmentationPolicy kMixed{.shift = 2, .flip_horizontal = true, .mixup = 0.2};
const WaveformPolicy kNoisy{.noise = DecibelRange{5, 20}};
const AugmentationPolicy kSound{.time_shift = 0.1, .masks = 0.2, .waveform = kNoisy};
const AugmentationPolicy kMixedSound{
    .time_shift = 0.1, .masks = 0.2, .waveform = kNoisy, .mixup = 0.2};
const AugmentationPolicy kJittered{.scaling = 0.1, .jitter = 0.05};
const AugmentationPolicy kWarped{.warp = 0.2, .scaling = 0.1, .jitter = 0.05};

constexpr std::size_t kSamples = 10'000;

Samples random_images(Shape shape) {
  Rng rng(1);
  Samples samples{.shape = shape, .labels = std::vector<std::int32_t>(kSamples)};
  for (std::size_t i = 0; i < kSamples * static_cast<std::size_t>(shape.elements()); ++i) {
    samples.pixels.push_back(static_cast<std::uint8_t>(rng.bits()));
  }
  return samples;
}

/// What a front end makes of a second of sound, with three versions of each clip.
Samples random_features() {
  Rng rng(1);
  const auto byte = [&] { return static_cast<std::int8_t>(rng.bits()); };
  Samples samples{.shape = {.height = 49, .width = 10, .channels = 1},
                  .labels = std::vector<std::int32_t>(kSamples)};
  FeatureVersions versions{.waveform = kNoisy, .count = 3};
  for (std::size_t i = 0; i < kSamples * 490; ++i) samples.features.push_back(byte());
  for (std::size_t i = 0; i < kSamples * 490 * 3; ++i) versions.features.push_back(byte());
  samples.versions.push_back(std::move(versions));
  return samples;
}

Samples random_series() {
  Rng rng(1);
  Samples samples{.shape = {.height = 1, .width = 128, .channels = 6},
                  .labels = std::vector<std::int32_t>(kSamples)};
  for (std::size_t i = 0; i < kSamples * 768; ++i) {
    samples.values.push_back(static_cast<float>(rng.uniform(-1, 1)));
  }
  return samples;
}

void fill_batches(benchmark::State& state, const Samples& samples,
                  const AugmentationPolicy* policy) {
  constexpr std::size_t kClasses = 10;
  const Normalisation normalisation = measure_normalisation(samples);
  const auto order = epoch_order(samples.size(), 1, 0);
  std::vector<float> batch(kBatch * static_cast<std::size_t>(samples.shape.elements()));
  std::vector<float> targets(kBatch * kClasses);
  std::size_t at = 0;
  int epoch = 0;
  for (auto _ : state) {
    if (at + kBatch > order.size()) {
      at = 0;
      ++epoch;
    }
    const auto picked = std::span(order).subspan(at, kBatch);
    fill_batch(samples, normalisation, picked, policy, 1, epoch, batch);
    if (policy && policy->mixup > 0) {
      mix_batch(samples, normalisation, picked, *policy, 1, epoch, batch, targets);
    }
    benchmark::DoNotOptimize(batch.data());
    at += kBatch;
  }
  for (const float value : batch) {
    if (!(std::abs(value) < 5)) state.SkipWithError("a value that no such sample has");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}

void BM_FillBatch(benchmark::State& state, Shape shape, const AugmentationPolicy* policy) {
  fill_batches(state, random_images(shape), policy);
}
void BM_FillFeatures(benchmark::State& state, const AugmentationPolicy* policy) {
  fill_batches(state, random_features(), policy);
}
void BM_FillSeries(benchmark::State& state, const AugmentationPolicy* policy) {
  fill_batches(state, random_series(), policy);
}
BENCHMARK_CAPTURE(BM_FillBatch, digit_as_is, kDigit, nullptr);
BENCHMARK_CAPTURE(BM_FillBatch, digit_moved, kDigit, &kMoved);
BENCHMARK_CAPTURE(BM_FillBatch, digit_turned, kDigit, &kTurned);
BENCHMARK_CAPTURE(BM_FillBatch, photograph_as_is, kPhotograph, nullptr);
BENCHMARK_CAPTURE(BM_FillBatch, photograph_moved, kPhotograph, &kMoved);
BENCHMARK_CAPTURE(BM_FillBatch, photograph_turned, kPhotograph, &kTurned);
BENCHMARK_CAPTURE(BM_FillBatch, photograph_cropped, kPhotograph, &kCropped);
BENCHMARK_CAPTURE(BM_FillBatch, photograph_coloured, kPhotograph, &kColoured);
BENCHMARK_CAPTURE(BM_FillBatch, photograph_mixed, kPhotograph, &kMixed);
BENCHMARK_CAPTURE(BM_FillFeatures, as_they_are, nullptr);
BENCHMARK_CAPTURE(BM_FillFeatures, varied, &kSound);
BENCHMARK_CAPTURE(BM_FillFeatures, mixed, &kMixedSound);
BENCHMARK_CAPTURE(BM_FillSeries, as_they_are, nullptr);
BENCHMARK_CAPTURE(BM_FillSeries, jittered, &kJittered);
BENCHMARK_CAPTURE(BM_FillSeries, warped, &kWarped);

}  // namespace
}  // namespace thimble

BENCHMARK_MAIN();
