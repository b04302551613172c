#pragma once

#include <cstdint>
#include <future>
#include <span>
#include <vector>

#include "thimble/data/augmentation.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble {

/// What one step trains on.
struct Batch {
  std::vector<float> inputs;  // [batch, H, W, C], normalised
  std::vector<std::int32_t> labels;
};

/// Makes the batches of an epoch ready, in the order of `epoch_order`. Samples that are stored on a
/// disk are fetched some batches ahead, and put together one ahead by a thread of its own, while
/// training is busy with another batch; the batches are the same either way.
class BatchLoader {
 public:
  /// `dataset` must live as long as this. `batch` is at most the size of its training split.
  BatchLoader(const Dataset& dataset, const AugmentationPolicy& policy, std::size_t batch,
              std::uint64_t order_seed, std::uint64_t augmentation_seed);

  std::size_t steps() const { return dataset_.train.size() / batch_; }
  /// Steps follow from the first one of this epoch; call it after the last one of the epoch before.
  void begin(int epoch);
  /// The next batch; valid until the next call. Throws DataError for samples that have been damaged
  /// on the disk.
  const Batch& next();

 private:
  void fill(std::size_t step, Batch& batch) const;

  const Dataset& dataset_;
  AugmentationPolicy policy_;
  std::size_t batch_;
  std::uint64_t order_seed_;
  std::uint64_t augmentation_seed_;
  bool stored_;
  int epoch_ = 0;
  std::size_t step_ = 0;  // of the next batch
  std::vector<std::uint32_t> order_;
  Batch current_;
  Batch coming_;
  std::future<void> ready_;  // of `coming_`, where it is being filled; ends before what it uses
};

}  // namespace thimble
