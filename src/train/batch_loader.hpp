#pragma once

#include <cstdint>
#include <future>
#include <span>
#include <vector>

#include "thimble/data/dataset.hpp"
#include "thimble/samples/augmentation.hpp"

namespace thimble {

/// What one step trains on.
struct Batch {
  std::vector<float> inputs;  // [batch, H, W, C], normalised
  std::vector<std::int32_t> labels;
  std::vector<float> targets;  // [batch, outputs], of a mixture's labels; or empty
};

struct BatchLoaderOptions {
  std::size_t batch = 0;  ///< at least 1 and at most the size of the training split
  /// Of the network: classes, or 1 where there are two.
  std::size_t outputs = 0;
  std::uint64_t order_seed = 0;
  std::uint64_t augmentation_seed = 0;
};

/// Makes the batches of an epoch ready, in the order of `epoch_order`. Samples that are stored on a
/// disk are fetched some batches ahead, and put together one ahead by a thread of its own, while
/// training is busy with another batch; the batches are the same either way.
class BatchLoader {
 public:
  /// `dataset` must live as long as this, and have the versions of clips that the policy takes.
  BatchLoader(const Dataset& dataset, const AugmentationPolicy& policy,
              const BatchLoaderOptions& options);

  std::size_t steps() const { return dataset_.train.size() / options_.batch; }
  /// Steps follow from the first one of this epoch; call it after the last one of the epoch before.
  void begin(int epoch);
  /// The next batch; valid until the next call. Throws DataError for samples that have been damaged
  /// on the disk.
  const Batch& next();

 private:
  void fill(std::size_t step, Batch& batch) const;
  /// Asks the disk for what these samples are made of.
  void fetch(std::span<const std::uint32_t> picked) const;

  const Dataset& dataset_;
  AugmentationPolicy policy_;
  BatchLoaderOptions options_;
  bool stored_;
  int epoch_ = 0;
  std::size_t step_ = 0;  // of the next batch
  std::vector<std::uint32_t> order_;
  Batch current_;
  Batch coming_;
  std::future<void> ready_;  // of `coming_`, where it is being filled; ends before what it uses
};

}  // namespace thimble
