#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "step.hpp"
#include "thimble/core/units.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble::engine {

enum class When { kAlways, kTraining, kInference };

struct PlannedStep {
  std::unique_ptr<Step> step;
  When when = When::kAlways;
  int segment = 0;
  /// The node that it computes, or the gradients of.
  NodeId owner = -1;
  /// Floats of each block that it reads and writes.
  std::int64_t traffic = 0;
  /// The node whose tensor is complete after this step (forward steps only).
  NodeId node = -1;
  TensorId output = kNoTensor;
};

/// The compiled network: steps in order, cut into segments, and a place in the arena for each
/// tensor.
///
/// A segment passes over the batch block by block, all its steps for 16 images before the next 16,
/// so that what one step writes is still in the cache when the next reads it. Only batch norm,
/// which must have seen the whole batch, ends a segment. A tensor that lives within one segment
/// needs room for one block of each shard only; one that is written after another of its size was
/// last read in the same segment takes that one's place, block by block.
class Plan {
 public:
  Plan(int batch, int shards)
      : blocks_(blocks_of(batch)), shards_(std::min(shards, blocks_of(batch))) {}

  /// Shards of a whole batch; smaller batches may have fewer.
  int shards() const { return shards_; }

  /// A tensor of so many floats for each block.
  TensorId add_tensor(std::int64_t floats_of_block);
  /// Room that is not by block; lives from its first to its last use like any tensor.
  TensorId add_workspace(std::int64_t floats);
  /// The same, for each shard its own.
  TensorId add_shard_workspace(std::int64_t floats);
  /// The steps that are added from now on belong to this node.
  void set_owner(NodeId owner) { owner_ = owner; }
  /// Appends a step. `uses` are all tensors that it reads or writes; some may be named twice.
  void add_step(std::unique_ptr<Step> step, std::span<const TensorId> uses, When when,
                NodeId node = -1, TensorId output = kNoTensor);
  /// The next step sees what `finish` of the steps so far has left.
  void end_segment() { ++segment_; }
  int segment() const { return segment_; }
  /// Marks the end of the forward steps, which have left the network's output in `output`.
  void end_forward(TensorId output) {
    forward_steps_ = steps_.size();
    output_ = output;
  }
  TensorId output() const { return output_; }
  /// Bytes that steps hold outside the arena.
  void note_memory(std::int64_t bytes) { other_bytes_ += bytes; }

  /// Gives every tensor its place; greedy by size, not always the smallest arena.
  void place();

  Bytes arena_size() const { return Bytes(arena_floats_ * std::int64_t{sizeof(float)}); }
  Bytes other_memory() const { return Bytes(other_bytes_); }
  std::span<const PlannedStep> steps() const { return steps_; }
  std::span<const PlannedStep> forward_steps() const {
    return std::span(steps_).first(forward_steps_);
  }
  std::int64_t offset(TensorId tensor, int block, int shard) const {
    const Tensor& t = tensors_[static_cast<std::size_t>(tensor)];
    return t.offset + block * t.block_pitch + shard * t.shard_pitch;
  }

 private:
  struct Tensor {
    std::int64_t floats = 0;  // of a block, rounded up to whole lines
    bool by_block = true;
    bool by_shard = false;
    int first_step = -1;  // −1: never used
    int last_step = -1;
    int first_segment = 0;
    int last_segment = 0;
    TensorId heir_of = kNoTensor;  // whose place it takes
    std::int64_t offset = 0;
    std::int64_t block_pitch = 0;  // 0 where all blocks share one place
    std::int64_t shard_pitch = 0;  // 0 where all shards do
    std::int64_t size = 0;
  };

  bool crosses_segments(const Tensor& tensor) const;
  void name_heirs();
  Tensor& first_of_line(Tensor& tensor);
  void set_lifetimes();

  int blocks_;
  int shards_;
  int segment_ = 0;
  NodeId owner_ = -1;
  std::vector<Tensor> tensors_;
  std::vector<PlannedStep> steps_;
  std::size_t forward_steps_ = 0;
  TensorId output_ = kNoTensor;
  std::int64_t arena_floats_ = 0;
  std::int64_t other_bytes_ = 0;
};

}  // namespace thimble::engine
