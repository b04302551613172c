// How many images a second does one core make ready for training? A network of 1 MMAC trains on
// some hundreds to thousands of images a second and core, so a hundred thousand are enough to be
// forgotten about. BM_FillBatch fills batches of 128 from 10,000 random images of MNIST's or
// CIFAR-10's shape: as they are, moved and mirrored, and turned too in 30 % of the cases.

#include <benchmark/benchmark.h>

#include <cmath>

#include "thimble/data/batch.hpp"

namespace thimble {
namespace {

constexpr std::size_t kBatch = 128;
constexpr Shape kDigit{.height = 28, .width = 28, .channels = 1};
constexpr Shape kPhotograph{.height = 32, .width = 32, .channels = 3};
const AugmentationPolicy kMoved{.shift = 2, .flip_horizontal = true};
const AugmentationPolicy kTurned{
    .shift = 2, .flip_horizontal = true, .rotate_probability = 0.3, .rotate_radians = 0.2};

Samples random_samples(Shape shape, std::size_t count) {
  Rng rng(1);
  Samples samples{.shape = shape, .pixels = {}, .labels = std::vector<std::int32_t>(count)};
  for (std::size_t i = 0; i < count * static_cast<std::size_t>(shape.elements()); ++i) {
    samples.pixels.push_back(static_cast<std::uint8_t>(rng.bits()));
  }
  return samples;
}

void BM_FillBatch(benchmark::State& state, Shape shape, const AugmentationPolicy* policy) {
  const Samples samples = random_samples(shape, 10'000);
  const Normalisation normalisation = measure_normalisation(samples);
  const auto order = epoch_order(samples.size(), 1, 0);
  std::vector<float> batch(kBatch * static_cast<std::size_t>(shape.elements()));
  std::size_t at = 0;
  int epoch = 0;
  for (auto _ : state) {
    if (at + kBatch > order.size()) {
      at = 0;
      ++epoch;
    }
    fill_batch(samples, normalisation, std::span(order).subspan(at, kBatch), policy, 1, epoch,
               batch);
    benchmark::DoNotOptimize(batch.data());
    at += kBatch;
  }
  for (const float value : batch) {
    if (!(std::abs(value) < 2)) state.SkipWithError("a value that no normalised random byte has");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}
BENCHMARK_CAPTURE(BM_FillBatch, digit_as_is, kDigit, nullptr);
BENCHMARK_CAPTURE(BM_FillBatch, digit_moved, kDigit, &kMoved);
BENCHMARK_CAPTURE(BM_FillBatch, digit_turned, kDigit, &kTurned);
BENCHMARK_CAPTURE(BM_FillBatch, photograph_as_is, kPhotograph, nullptr);
BENCHMARK_CAPTURE(BM_FillBatch, photograph_moved, kPhotograph, &kMoved);
BENCHMARK_CAPTURE(BM_FillBatch, photograph_turned, kPhotograph, &kTurned);

}  // namespace
}  // namespace thimble

BENCHMARK_MAIN();
