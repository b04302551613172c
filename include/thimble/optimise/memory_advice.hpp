#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "thimble/arena/target.hpp"
#include "thimble/core/units.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {

/// A change to a network by which it needs less RAM.
struct MemoryAdvice {
  std::string change;  ///< `4 filters instead of 8 in node 2 CONV_2D`
  Bytes needed;        ///< then
  Bytes saved;         ///< against now; more than 0
  /// The network computes the same as before; else it is another one, to be trained anew.
  bool same_answers = false;

  bool operator==(const MemoryAdvice&) const = default;
};

/// In which order a network's operators run, before a change and after it.
enum class OperatorOrder {
  kStored,  ///< as it is stored
  kBest,    ///< the best that is found
};

/// What lowers the peak of live tensors: the order of execution, sums written into one of their
/// terms, half the filters of what is live at the peak, a stride of 2 there, before it or earlier
/// than it is now. Each is tried alone, on the changed network; those that help come back, the best
/// first, at most `most`.
std::vector<MemoryAdvice> tensor_advice(const Graph& deployed, OperatorOrder order,
                                        std::size_t most = 5);

/// What lowers the smallest arena of the graph's file: changes to the network as above and, where
/// it runs in its stored order with the runtime's own places, order and places as `best_layout`
/// finds them; else it and the changed networks are laid out with `kQuickLayout`. Throws ModelError
/// as `plan_arena` does.
std::vector<MemoryAdvice> arena_advice(const Graph& deployed, const ArenaTarget& target,
                                       OperatorOrder order, std::size_t most = 5);

}  // namespace thimble
