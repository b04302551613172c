#pragma once

#include <array>
#include <vector>

#include "thimble/arena/memory_planner.hpp"
#include "thimble/arena/network.hpp"
#include "thimble/arena/target.hpp"

namespace thimble {

/// The scratch buffers that one operator asks for, in its order; every one holds something.
struct ScratchSizes {
  static constexpr int kMost = 3;
  std::array<Bytes, kMost> sizes;
  int count = 0;

  const Bytes* begin() const { return sizes.data(); }
  const Bytes* end() const { return begin() + count; }
};

/// What the kernel asks for beside its tensors while it runs. Throws ModelError for an operator
/// whose need on this target is not known.
ScratchSizes scratch_sizes(const ArenaOperator& op, const ArenaTarget& target);

/// Everything that a planner is to place, in the order in which TensorFlow Lite Micro tells its
/// planner: tensors by number, then scratch buffers by operator. A network input is needed from
/// time 0, what an operator computes from the time when it runs, each to its last reader, a network
/// output to the end; scratch memory only while its operator runs. Input and output of an operator
/// are needed together. Throws as `scratch_sizes` does.
std::vector<ArenaBuffer> head_buffers(const ArenaNetwork& network, const ArenaTarget& target);

}  // namespace thimble
