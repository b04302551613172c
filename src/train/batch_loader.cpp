#include "batch_loader.hpp"

#include <algorithm>
#include <utility>

#include "thimble/data/batch.hpp"

namespace thimble {
namespace {

/// So many batches are on their way from the disk while one is put together.
constexpr std::size_t kBatchesAhead = 4;

}  // namespace

BatchLoader::BatchLoader(const Dataset& dataset, const AugmentationPolicy& policy,
                         std::size_t batch, std::uint64_t order_seed,
                         std::uint64_t augmentation_seed)
    : dataset_(dataset),
      policy_(policy),
      batch_(batch),
      order_seed_(order_seed),
      augmentation_seed_(augmentation_seed),
      stored_(with_values(dataset.train,
                          [](const auto& values) { return !values.stored_rows().empty(); })) {
  const auto elements = static_cast<std::size_t>(dataset.train.shape.elements());
  for (Batch* each : {&current_, &coming_}) {
    if (each == &coming_ && !stored_) continue;
    each->inputs.resize(batch * elements);
    each->labels.resize(batch);
  }
}

void BatchLoader::begin(int epoch) {
  epoch_ = epoch;
  step_ = 0;
  order_ = epoch_order(dataset_.train.size(), order_seed_, epoch);
  if (!stored_) return;
  prefetch(dataset_.train, std::span(order_).first(std::min(kBatchesAhead, steps()) * batch_));
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
    prefetch(dataset_.train, order.subspan(far * batch_, batch_));
  }
  const auto picked = order.subspan(step * batch_, batch_);
  fill_batch(dataset_.train, dataset_.normalisation, picked, &policy_, augmentation_seed_, epoch_,
             batch.inputs);
  std::ranges::transform(picked, batch.labels.begin(),
                         [&](std::uint32_t index) { return dataset_.train.labels[index]; });
}

}  // namespace thimble
