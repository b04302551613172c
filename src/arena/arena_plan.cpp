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

std::vector<TflmKernel> derived_kernels(const ArenaNetwork& network, const ArenaTarget& target) {
  std::vector<TflmKernel> kernels;
  for (const ArenaOperator& op : network.operators) {
    const auto& memory = target.kernel(op.kernel);
    // Of int4 weights only x86-64 has told.
    const bool int4 = op.geometry.weights == WeightType::kInt4 && target.pointer == 4;
    if (!memory || !(memory->derived || int4)) continue;
    if (std::ranges::find(kernels, op.kernel) == kernels.end()) kernels.push_back(op.kernel);
  }
  return kernels;
}

ArenaPlan plan_arena(const Graph& deployed, const ArenaTarget& target) {
  return plan_arena(arena_network(deployed), target);
}

}  // namespace thimble
