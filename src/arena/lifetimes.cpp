#include "thimble/arena/lifetimes.hpp"

#include "alignment.hpp"

namespace thimble {
namespace {

using arena::align_up;
using arena::kArenaAlignment;

struct Lifetime {
  int first = -1;  // −1: nobody makes it or needs it, and it is placed all the same
  int last = -1;
};

std::vector<Lifetime> tensor_lifetimes(const ArenaNetwork& network) {
  std::vector<Lifetime> lives(network.tensors.size());
  const auto life = [&](std::int32_t tensor) -> Lifetime& {
    return lives[static_cast<std::size_t>(tensor)];
  };
  for (const std::int32_t tensor : network.inputs) life(tensor) = {0, 0};
  for (const std::int32_t tensor : network.outputs) life(tensor) = {0, 0};
  int time = 0;
  for (const ArenaOperator& op : network.operators) {
    ++time;
    life(op.output) = {time, time};
    for (const std::int32_t tensor : network.inputs_of(op)) {
      if (tensor >= 0) life(tensor).last = time;
    }
  }
  for (const std::int32_t tensor : network.outputs) life(tensor).last = time;
  return lives;
}

}  // namespace

std::vector<ArenaBuffer> head_buffers(const ArenaNetwork& network, const ArenaTarget& target) {
  const std::vector<Lifetime> lives = tensor_lifetimes(network);
  std::vector<ArenaBuffer> buffers;
  buffers.reserve(network.tensors.size() + network.operators.size());
  for (std::size_t i = 0; i < network.tensors.size(); ++i) {
    const ArenaTensor& tensor = network.tensors[i];
    if (tensor.constant || tensor.size == 0_B) continue;
    buffers.push_back({.tensor = static_cast<std::int32_t>(i),
                       .size = Bytes(align_up(tensor.size.value, kArenaAlignment)),
                       .first = lives[i].first,
                       .last = lives[i].last});
  }
  for (std::size_t i = 0; i < network.operators.size(); ++i) {
    const int index = static_cast<int>(i);
    for (const Bytes size : scratch_sizes(network.operators[i], target)) {
      buffers.push_back({.scratch_of = index,
                         .size = Bytes(align_up(size.value, kArenaAlignment)),
                         .first = index + 1,
                         .last = index + 1});
    }
  }
  return buffers;
}

}  // namespace thimble
