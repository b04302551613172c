#include "offline_plan.hpp"

#include "thimble/core/error.hpp"

namespace thimble::tflite {
namespace {

constexpr std::int32_t kPlanVersion = 0;
constexpr std::int32_t kSubgraph = 0;
constexpr std::int32_t kNoOffset = -1;
constexpr std::int32_t kAlignment = 16;

}  // namespace

void check_offsets(const Graph& graph, std::span<const std::int32_t> offsets) {
  if (!offsets.empty() && offsets.size() != graph.nodes().size()) {
    raise<ModelError>("offsets: {}: the network has {} nodes", offsets.size(), graph.size());
  }
  for (std::size_t id = 0; id < offsets.size(); ++id) {
    const std::int32_t offset = offsets[id];
    if (offset == kNoOffset || (offset >= 0 && offset % kAlignment == 0)) continue;
    raise<ModelError>("node {}: offset = {}: must be -1 or a multiple of {}", id, offset,
                      kAlignment);
  }
}

std::vector<std::int32_t> offline_plan(std::span<const std::int32_t> offsets, std::size_t tensors) {
  std::vector<std::int32_t> numbers{kPlanVersion, kSubgraph, static_cast<std::int32_t>(tensors)};
  const std::size_t header = numbers.size();
  numbers.insert(numbers.end(), offsets.begin(), offsets.end());
  numbers.resize(header + tensors, kNoOffset);
  return numbers;
}

}  // namespace thimble::tflite
