#include "thimble/arena/arena_plan.hpp"

#include <algorithm>

#include "alignment.hpp"
#include "thimble/arena/lifetimes.hpp"

namespace thimble {

ArenaPlan plan_arena(const ArenaNetwork& network, const ArenaTarget& target) {
  ArenaPlan plan{.head = head_buffers(network, target)};
  const auto scratch_buffers = std::ranges::count(plan.head, -1, &ArenaBuffer::tensor);
  const Allocation allocation = allocate(network, target, static_cast<int>(plan.head.size()),
                                         static_cast<int>(scratch_buffers));
  plan.head_size = plan_greedily(plan.head, network.offsets);
  plan.tail = allocation.tail;
  plan.tail_size = plan.tail.total();
  plan.used = plan.head_size + plan.tail_size;
  plan.preparation = allocation.preparation;
  plan.smallest =
      Bytes(arena::align_up(std::max(plan.used, plan.preparation).value, arena::kArenaAlignment));
  return plan;
}

ArenaPlan plan_arena(const Graph& deployed, const ArenaTarget& target) {
  return plan_arena(arena_network(deployed), target);
}

}  // namespace thimble
