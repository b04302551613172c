#pragma once

#include <vector>

#include "thimble/arena/memory_planner.hpp"
#include "thimble/arena/network.hpp"
#include "thimble/arena/tail.hpp"
#include "thimble/arena/target.hpp"
#include "thimble/core/units.hpp"
#include "thimble/quant/quantized_model.hpp"

namespace thimble {

/// TensorFlow Lite Micro's memory for one network: one arena, whose head holds tensors and scratch
/// buffers, packed over time, and whose tail holds everything that stays.
struct ArenaPlan {
  std::vector<ArenaBuffer> head;
  Bytes head_size;
  TailLayout tail;
  Bytes tail_size;
  /// What the interpreter reports as used: head and tail.
  Bytes used;
  /// What allocating needs before there is a head; `Allocation::preparation`.
  Bytes preparation;
  /// The smallest arena in which the network can be allocated, in steps of 16 bytes, the arena
  /// beginning at a multiple of 16.
  Bytes smallest;

  bool operator==(const ArenaPlan&) const = default;
};

/// To the byte what the target's runtime allocates. Throws ModelError naming operator and target
/// where its figures are not known. A few microseconds for forty operators.
ArenaPlan plan_arena(const ArenaNetwork& network, const ArenaTarget& target);

/// Those of the network's kernels, each once, whose figures on this target are `derived`.
std::vector<TflmKernel> derived_kernels(const ArenaNetwork& network, const ArenaTarget& target);

/// For the file that `write_tflite` makes of a model of this deployed graph; weights, scales and
/// zero points do not matter. Below ten microseconds for forty operators.
ArenaPlan plan_arena(const Graph& deployed, const ArenaTarget& target);
inline ArenaPlan plan_arena(const QuantizedModel& model, const ArenaTarget& target) {
  return plan_arena(model.graph, target);
}

}  // namespace thimble
