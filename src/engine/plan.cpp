#include "plan.hpp"

#include <algorithm>
#include <numeric>

namespace thimble::engine {
namespace {

std::int64_t whole_lines(std::int64_t floats) { return (floats + kLanes - 1) / kLanes * kLanes; }

}  // namespace

int Context::samples_of(int shard) const {
  const int end = std::min(batch.samples, shard_begin(shard + 1) * kLanes);
  return end - shard_begin(shard) * kLanes;
}

float* Context::at(TensorId tensor, int block) const {
  return arena + plan->offset(tensor, block, shard_of(block));
}

float* Context::of_shard(TensorId tensor, int shard) const {
  return arena + plan->offset(tensor, 0, shard);
}

const float* Context::mask(int block) const {
  const bool last = block + 1 == batch.blocks();
  return last && batch.samples % kLanes != 0 ? last_mask : nullptr;
}

TensorId Plan::add_tensor(std::int64_t floats_of_block) {
  Tensor tensor;
  tensor.floats = whole_lines(floats_of_block);
  tensors_.push_back(tensor);
  return static_cast<TensorId>(tensors_.size()) - 1;
}

TensorId Plan::add_workspace(std::int64_t floats) {
  const TensorId id = add_tensor(floats);
  tensors_.back().by_block = false;
  return id;
}

TensorId Plan::add_shard_workspace(std::int64_t floats) {
  const TensorId id = add_workspace(floats);
  tensors_.back().by_shard = true;
  return id;
}

void Plan::add_step(std::unique_ptr<Step> step, std::span<const TensorId> uses, When when,
                    NodeId node, TensorId output) {
  const int index = static_cast<int>(steps_.size());
  std::int64_t traffic = 0;
  for (auto use = uses.begin(); use != uses.end(); ++use) {
    const TensorId id = *use;
    if (id == kNoTensor || std::find(uses.begin(), use, id) != use) continue;
    Tensor& tensor = tensors_[static_cast<std::size_t>(id)];
    if (tensor.first_step == -1) {
      tensor.first_step = index;
      tensor.first_segment = segment_;
    }
    tensor.last_step = index;
    tensor.last_segment = segment_;
    if (tensor.by_block) traffic += tensor.floats;
  }
  steps_.push_back({std::move(step), when, segment_, owner_, traffic, node, output});
}

bool Plan::crosses_segments(const Tensor& tensor) const {
  return tensor.by_block && tensor.first_segment != tensor.last_segment;
}

void Plan::name_heirs() {
  std::vector<TensorId> crossing;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (tensors_[i].first_step != -1 && crosses_segments(tensors_[i])) {
      crossing.push_back(static_cast<TensorId>(i));
    }
  }
  const auto tensor_of = [&](TensorId id) -> Tensor& {
    return tensors_[static_cast<std::size_t>(id)];
  };
  std::ranges::stable_sort(crossing, {}, [&](TensorId id) { return tensor_of(id).first_step; });
  std::vector<TensorId> leaving = crossing;
  for (const TensorId id : crossing) {
    Tensor& heir = tensor_of(id);
    const auto found = std::ranges::find_if(leaving, [&](TensorId other) {
      const Tensor& before = tensor_of(other);
      return before.floats == heir.floats && before.last_segment == heir.first_segment &&
             before.last_step < heir.first_step;
    });
    if (found == leaving.end()) continue;
    heir.heir_of = *found;
    leaving.erase(found);
  }
}

Plan::Tensor& Plan::first_of_line(Tensor& tensor) {
  Tensor* first = &tensor;
  while (first->heir_of != kNoTensor) first = &tensors_[static_cast<std::size_t>(first->heir_of)];
  return *first;
}

/// A tensor that lasts beyond its segment, or that gathers over the blocks of one, is there while
/// any step of these segments runs, for blocks and steps interleave. So is every tensor where
/// shards run side by side, each at another step.
void Plan::set_lifetimes() {
  const auto segment_range = [&](int segment) {
    const auto range = std::ranges::equal_range(steps_, segment, {}, &PlannedStep::segment);
    return std::pair(static_cast<int>(range.begin() - steps_.begin()),
                     static_cast<int>(range.end() - steps_.begin()) - 1);
  };
  for (Tensor& tensor : tensors_) {
    if (tensor.first_step == -1) continue;
    const bool local = tensor.by_block && !crosses_segments(tensor);
    if (!local || shards_ > 1) {
      tensor.first_step = segment_range(tensor.first_segment).first;
      tensor.last_step = segment_range(tensor.last_segment).second;
    }
    const bool every_block = tensor.by_block && !local;
    const bool every_shard = local || tensor.by_shard;
    tensor.block_pitch = every_block ? tensor.floats : 0;
    tensor.shard_pitch = every_shard ? tensor.floats : 0;
    tensor.size = tensor.floats * (every_block ? blocks_ : every_shard ? shards_ : 1);
  }
  // The first of a line keeps the place for all.
  for (Tensor& tensor : tensors_) {
    Tensor& first = first_of_line(tensor);
    first.last_step = std::max(first.last_step, tensor.last_step);
  }
}

void Plan::place() {
  name_heirs();
  set_lifetimes();
  std::vector<std::size_t> order(tensors_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return tensors_[i].size; });
  std::vector<const Tensor*> placed;  // by offset
  for (const std::size_t index : order) {
    Tensor& tensor = tensors_[index];
    if (tensor.size == 0 || tensor.heir_of != kNoTensor) continue;
    std::int64_t offset = 0;
    for (const Tensor* other : placed) {
      const bool together =
          other->first_step <= tensor.last_step && tensor.first_step <= other->last_step;
      if (!together) continue;
      if (other->offset - offset >= tensor.size) break;
      offset = std::max(offset, other->offset + other->size);
    }
    tensor.offset = offset;
    placed.insert(std::ranges::upper_bound(placed, offset, {}, &Tensor::offset), &tensor);
    arena_floats_ = std::max(arena_floats_, offset + tensor.size);
  }
  for (Tensor& tensor : tensors_) tensor.offset = first_of_line(tensor).offset;
}

}  // namespace thimble::engine
