#include "batch_loader.hpp"

#include <algorithm>
#include <utility>

#include "thimble/samples/batch.hpp"
#include "thimble/samples/mixup.hpp"

namespace thimble {
namespace {

/// So many batches are on their way from the disk while one is put together.
constexpr std::size_t kBatchesAhead = 4;

}  // namespace

BatchLoader::BatchLoader(const Dataset& dataset, const AugmentationPolicy& policy,
                         const BatchLoaderOptions& options)
    : dataset_(dataset),
      policy_(policy),
      options_(options),
      stored_(with_values(dataset.train,
                          [](const auto& values) { return !values.stored_rows().empty(); })) {
  const auto elements = static_cast<std::size_t>(dataset.train.shape.elements());
  for (Batch* each : {&current_, &coming_}) {
    if (each == &coming_ && !stored_) continue;
    each->inputs.resize(options.batch * elements);
    each->labels.resize(options.batch);
    if (policy.mixup > 0) each->targets.resize(options.batch * options.outputs);
  }
}

void BatchLoader::begin(int epoch) {
  epoch_ = epoch;
  step_ = 0;
  order_ = epoch_order(dataset_.train.size(), options_.order_seed, epoch);
  if (!stored_) return;
  fetch(std::span(order_).first(std::min(kBatchesAhead, steps()) * options_.batch));
  ready_ = std::async(std::launch::async, [this] { fill(0, coming_); });
}

const Batch& BatchLoader::next() {
  const std::size_t step = step_++;
  if (!stored_) {
    fill(step, current_);
    return current_;
  }
  ready_.get();
  std::swap(current_, coming_);
  if (step_ < steps()) {
    ready_ = std::async(std::launch::async, [this, coming = step_] { fill(coming, coming_); });
  }
  return current_;
}

void BatchLoader::fill(std::size_t step, Batch& batch) const {
  const std::span order(order_);
  if (const std::size_t far = step + kBatchesAhead; stored_ && far < steps()) {
    fetch(order.subspan(far * options_.batch, options_.batch));
  }
  const auto picked = order.subspan(step * options_.batch, options_.batch);
  const std::uint64_t seed = options_.augmentation_seed;
  fill_batch(dataset_.train, dataset_.normalisation, picked, &policy_, seed, epoch_, batch.inputs);
  if (policy_.mixup > 0) {
    mix_batch(dataset_.train, dataset_.normalisation, picked, policy_, seed, epoch_, batch.inputs,
              batch.targets);
  }
  std::ranges::transform(picked, batch.labels.begin(),
                         [&](std::uint32_t index) { return dataset_.train.labels[index]; });
}

void BatchLoader::fetch(std::span<const std::uint32_t> picked) const {
  prefetch(dataset_.train, picked);
  if (policy_.mixup == 0) return;
  prefetch(dataset_.train, partners(policy_.mixup, dataset_.train.size(), picked,
                                    options_.augmentation_seed, epoch_));
}

}  // namespace thimble
