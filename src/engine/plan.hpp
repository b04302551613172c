#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lanes.hpp"
#include "parameters.hpp"
#include "thimble/core/units.hpp"
#include "thimble/graph/graph.hpp"

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
struct Context {
  const Plan* plan = nullptr;
  float* arena = nullptr;
  Parameters* parameters = nullptr;
  Batch batch;
  alignas(
      64) float last_mask[kLanes] = {};  // 1 for each lane of the last block that holds a sample
  double loss = 0;                       // sum over the samples

  float* at(TensorId tensor, int block) const;
  /// Null when the block is full.
  const float* mask(int block) const;
};

/// A piece of work on 16 images at a time, one of a list that is a training step. Between `begin`
/// and `finish` all blocks pass, together with the other steps of the segment.
class Step {
 public:
  virtual ~Step() = default;
  virtual void begin(Context&) {}
  virtual void run(Context& context, int block) = 0;
  virtual void finish(Context&) {}
};

enum class When { kAlways, kTraining, kInference };

struct PlannedStep {
  std::unique_ptr<Step> step;
  When when = When::kAlways;
  int segment = 0;
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
/// needs room for one block only.
class Plan {
 public:
  explicit Plan(int batch) : blocks_(blocks_of(batch)) {}

  /// A tensor of so many floats for each block.
  TensorId add_tensor(std::int64_t floats_of_block);
  /// Room that is not by block; lives from its first to its last use like any tensor.
  TensorId add_workspace(std::int64_t floats);
  /// Appends a step. `uses` are all tensors that it reads or writes.
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
  std::int64_t offset(TensorId tensor, int block) const {
    const Tensor& t = tensors_[static_cast<std::size_t>(tensor)];
    return t.offset + block * t.pitch;
  }

 private:
  struct Tensor {
    std::int64_t floats = 0;  // of a block, rounded up to whole lines
    bool by_block = true;
    int first_step = -1;  // −1: never used
    int last_step = -1;
    int first_segment = 0;
    int last_segment = 0;
    std::int64_t offset = 0;
    std::int64_t pitch = 0;  // 0 where all blocks share one place
    std::int64_t size = 0;
  };

  void set_lifetimes();

  int blocks_;
  int segment_ = 0;
  std::vector<Tensor> tensors_;
  std::vector<PlannedStep> steps_;
  std::size_t forward_steps_ = 0;
  TensorId output_ = kNoTensor;
  std::int64_t arena_floats_ = 0;
  std::int64_t other_bytes_ = 0;
};

}  // namespace thimble::engine
