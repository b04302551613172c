#include "quant/buffer_slots.hpp"

#include <algorithm>

#include "thimble/core/error.hpp"

namespace thimble {

BufferSlots share_buffers(const Graph& graph, const std::function<std::size_t(NodeId)>& length) {
  BufferSlots result;
  std::vector<std::size_t> free;
  const auto consumers = graph.consumers();
  std::vector<std::size_t> waiting;  // readers of each tensor that are still to come
  for (const auto& readers : consumers) waiting.push_back(readers.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const std::size_t wanted = length(id);
    const auto misfit = [&](std::size_t slot) {
      return std::max(result.sizes[slot], wanted) - std::min(result.sizes[slot], wanted);
    };
    const auto best = std::ranges::min_element(free, {}, misfit);
    if (best == free.end()) {
      result.slot.push_back(result.sizes.size());
      result.sizes.push_back(wanted);
    } else {
      result.slot.push_back(*best);
      result.sizes[*best] = std::max(result.sizes[*best], wanted);
      free.erase(best);
    }
    for (const NodeId from : graph.node(id).inputs) {
      const auto i = static_cast<std::size_t>(from);
      if (--waiting[i] == 0 && !graph.is_output(from)) free.push_back(result.slot[i]);
    }
    if (consumers[static_cast<std::size_t>(id)].empty() && !graph.is_output(id)) {
      free.push_back(result.slot.back());
    }
  }
  return result;
}

NodeId single_input(const Graph& graph) {
  const std::vector<NodeId> inputs = graph.inputs();
  if (inputs.size() != 1) raise<ModelError>("network: inputs = {}: needs one", inputs.size());
  return inputs[0];
}

}  // namespace thimble
