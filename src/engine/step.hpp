#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "lanes.hpp"
#include "parameters.hpp"

namespace thimble::engine {

/// A region of the arena.
using TensorId = int;
inline constexpr TensorId kNoTensor = -1;

class Plan;

/// The samples that a call works on.
struct Batch {
  int samples = 0;
  std::span<const float> inputs;         // [samples, H, W, C]
  std::span<const std::int32_t> labels;  // one of the two, in training only
  std::span<const float> targets;
  std::uint64_t step = 0;  // counts training steps
  bool training = false;

  int blocks() const { return blocks_of(samples); }
};

/// What steps see while they run.
///
/// The blocks of a batch are cut into shards, neighbours that one thread works on. Whatever is
/// summed over the batch is summed within each shard first, block after block, and then over the
/// shards in their order: the result depends on the number of shards, never on that of the threads.
struct Context {
  const Plan* plan = nullptr;
  float* arena = nullptr;
  Parameters* parameters = nullptr;
  Batch batch;
  int shards = 1;  // of this batch; each has a block at least
  alignas(
      64) float last_mask[kLanes] = {};  // 1 for each lane of the last block that holds a sample
  std::array<double, kMostShards> losses{};  // sum over the samples of each shard

  int shard_begin(int shard) const { return batch.blocks() * shard / shards; }
  int shard_of(int block) const { return ((block + 1) * shards - 1) / batch.blocks(); }
  /// Whether a block is the first of its shard, where sums begin at zero.
  bool begins_shard(int block) const { return shard_begin(shard_of(block)) == block; }
  int samples_of(int shard) const;

  float* at(TensorId tensor, int block) const;
  /// A shard's part of a workspace that each has its own of.
  float* of_shard(TensorId tensor, int shard) const;
  /// Null when the block is full.
  const float* mask(int block) const;
};

/// A piece of work on 16 images at a time, one of a list that is a training step. Between `begin`
/// and `finish` all blocks pass, together with the other steps of the segment; those of different
/// shards at the same time.
class Step {
 public:
  virtual ~Step() = default;
  /// What it does: "convolution", "convolution, kernel gradient".
  virtual std::string_view name() const = 0;
  virtual void begin(Context&) {}
  virtual void run(Context& context, int block) = 0;
  virtual void finish(Context&) {}
};

}  // namespace thimble::engine
