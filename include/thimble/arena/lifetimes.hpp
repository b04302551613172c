#pragma once

#include <vector>

#include "thimble/arena/memory_planner.hpp"
#include "thimble/arena/network.hpp"
#include "thimble/arena/target.hpp"

namespace thimble {

/// What the kernel asks for beside its tensors while it runs, 0 for nothing. Throws ModelError for
/// an operator whose need on this target is not known.
Bytes scratch_size(const ArenaOperator& op, const ArenaTarget& target);

/// Everything that a planner is to place, in the order in which TensorFlow Lite Micro tells its
/// planner: tensors by number, then scratch buffers by operator. A network input is needed from
/// time 0, what an operator computes from the time when it runs, each to its last reader, a network
/// output to the end; scratch memory only while its operator runs. Input and output of an operator
/// are needed together. Throws as `scratch_size` does.
std::vector<ArenaBuffer> head_buffers(const ArenaNetwork& network, const ArenaTarget& target);

}  // namespace thimble
