#pragma once

#include "thimble/arena/network.hpp"
#include "thimble/arena/target.hpp"
#include "thimble/core/units.hpp"

namespace thimble {

/// The arena's tail by what it holds, gaps of alignment included. It grows from the end of the
/// arena, which lies at a multiple of 16, in this order.
struct TailLayout {
  Bytes interpreter;  ///< objects of the runtime, whatever the network
  Bytes tensors;      ///< a record for each tensor of the file, constants too
  Bytes nodes;        ///< a record for each operator
  Bytes options;      ///< operators' options, parsed
  Bytes states;       ///< kernels' own data
  Bytes arrays;       ///< a multiplier and a shift for each channel, and the like
  Bytes handles;      ///< one for each scratch buffer
  Bytes ends;         ///< what the caller sees of network inputs and outputs

  Bytes total() const {
    return interpreter + tensors + nodes + options + states + arrays + handles + ends;
  }
  bool operator==(const TailLayout&) const = default;
};

struct Allocation {
  TailLayout tail;
  /// The most that `AllocateTensors` needs before the head is laid out: its notes about operators
  /// and buffers, next to the tail as far as that has grown. More than head and tail together when
  /// the tensors are small.
  Bytes preparation;
};

/// What `AllocateTensors` allocates for a network that has this many buffers in the head, of which
/// `scratch_buffers` are scratch memory. Throws ModelError for an operator that is not known on
/// this target.
Allocation allocate(const ArenaNetwork& network, const ArenaTarget& target, int buffers,
                    int scratch_buffers);

}  // namespace thimble
