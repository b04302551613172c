#include "thimble/samples/batch.hpp"

#include <numeric>

#include "place_samples.hpp"
#include "thimble/core/error.hpp"
#include "variation_streams.hpp"
#include "vary_values.hpp"

namespace thimble {
namespace {

/// What one thread needs; keeps its memory from batch to batch.
struct Workspace {
  PlacingWorkspace placing;
  std::vector<float> times;
  std::vector<float> unwarped;
};

/// A clip's features: its own, or those of one of its other versions.
std::span<const std::int8_t> pick_version(const Samples& samples, const AugmentationPolicy& policy,
                                          std::size_t index, const Rng& own) {
  const auto elements = static_cast<std::size_t>(samples.shape.elements());
  if (policy.waveform == WaveformPolicy{}) return samples.features.row(index, elements);
  const FeatureVersions* versions = find_versions(samples, policy.waveform);
  THIMBLE_ASSERT(versions != nullptr);
  const auto picked =
      static_cast<std::size_t>(stream_of(own, VariationStream::kVersion)
                                   .uniform_int(0, static_cast<std::int64_t>(versions->count)));
  if (picked == 0) return samples.features.row(index, elements);
  return std::span(versions->features)
      .subspan((index * versions->count + picked - 1) * elements, elements);
}

Placement draw(const Samples& samples, const AugmentationPolicy& policy, const Rng& own) {
  Placement placement = draw_placement(policy, samples.shape, own);
  if (policy.time_shift > 0) {
    const bool rows = !samples.features.empty();
    const int length = rows ? samples.shape.height : samples.shape.width;
    (rows ? placement.down : placement.right) += draw_time_shift(policy, length, own);
  }
  return placement;
}

/// What is done to a sample once it is placed and normalised.
void vary_values(const AugmentationPolicy& policy, Shape shape, const Rng& own, Workspace& work,
                 std::span<float> sample) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  if (policy.brightness > 0 || policy.contrast > 0 || policy.saturation > 0) {
    vary_colours(draw_colours(policy, own), work.placing.patterns, sample);
  }
  if (policy.warp > 0) {
    warped_times(policy.warp, shape.width, stream_of(own, VariationStream::kWarp), work.times);
    warp(work.times, channels, work.unwarped, sample);
  }
  if (policy.scaling > 0) {
    scale_channels(policy.scaling, channels, stream_of(own, VariationStream::kScaling), sample);
  }
  if (policy.jitter > 0) jitter(policy.jitter, stream_of(own, VariationStream::kJitter), sample);
  if (policy.masks > 0) {
    const Patch masks = draw_masks(policy, shape, own);
    blank({masks.first_row, masks.end_row, 0, shape.width}, shape, sample);
    blank({0, shape.height, masks.first_column, masks.end_column}, shape, sample);
  }
  if (policy.cutout > 0) blank(draw_cutout(policy, shape, own), shape, sample);
}

}  // namespace

void fill_batch(const Samples& samples, const Normalisation& normalisation,
                std::span<const std::uint32_t> indices, const AugmentationPolicy* policy,
                std::uint64_t seed, int epoch, std::span<float> out) {
  const Shape shape = samples.shape;
  const auto elements = static_cast<std::size_t>(shape.elements());
  THIMBLE_ASSERT(out.size() == indices.size() * elements);
  THIMBLE_ASSERT(normalisation.mean.size() == static_cast<std::size_t>(shape.channels));
  THIMBLE_ASSERT(normalisation.stddev.size() == normalisation.mean.size());
  thread_local Workspace work;
  with_values(samples, [&]<class T>(const SampleColumn<T>&) {
    work.placing.patterns = ChannelPatterns(normalisation, full_scale(T{}));
  });
  const Rng rng = epoch_source(seed, epoch);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::uint32_t index = indices[i];
    THIMBLE_ASSERT(index < samples.size());
    const Rng own = rng.fork(index);
    const Placement placement = policy ? draw(samples, *policy, own) : Placement{};
    const auto sample = out.subspan(i * elements, elements);
    if (policy && !samples.features.empty()) {
      place(pick_version(samples, *policy, index, own), shape, placement, work.placing,
            sample.data());
    } else {
      with_values(samples, [&]<class T>(const SampleColumn<T>& values) {
        place(values.row(index, elements), shape, placement, work.placing, sample.data());
      });
    }
    if (policy) vary_values(*policy, shape, own, work, sample);
  }
}

void prefetch(const Samples& samples, std::span<const std::uint32_t> indices) {
  with_values(samples, [&](const auto& values) {
    for (const std::uint32_t index : indices) values.prefetch(index);
  });
}

std::vector<std::uint32_t> epoch_order(std::size_t n, std::uint64_t seed, int epoch) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  Rng(seed).fork(static_cast<std::uint64_t>(epoch)).shuffle(std::span(order));
  return order;
}

}  // namespace thimble
