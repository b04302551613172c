#include "memory_model.hpp"

#include <algorithm>

namespace thimble::footprint {

MemoryModel::MemoryModel(const Graph& graph, PeakRamOptions options)
    : kinds(graph.nodes().size(), Kind::kStep),
      may_write_in_place(graph.nodes().size(), false),
      scratch(graph.nodes().size(), 0),
      buffers(graph.nodes().size()),
      reads(graph.nodes().size()) {
  std::vector<NodeId> buffer_of(graph.nodes().size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    buffer_of[at(id)] = id;
    for (const NodeId from : node.inputs) add_read(id, buffer_of[at(from)]);
    const bool is_flatten = std::holds_alternative<Flatten>(node.op);
    for (const NodeId buffer : reads[at(id)]) {
      (is_flatten ? buffers[at(buffer)].flattens : buffers[at(buffer)].readers).push_back(id);
    }
    if (is_flatten) {
      kinds[at(id)] = Kind::kFlatten;
      buffer_of[at(id)] = buffer_of[at(node.inputs[0])];
      continue;
    }
    const bool is_input = std::holds_alternative<Input>(node.op);
    if (is_input) kinds[at(id)] = Kind::kInput;
    const bool is_counted = !is_input || options.count_inputs;
    buffers[at(id)].size = is_counted ? node.output.elements() : 0;
    buffers[at(id)].is_writable = is_counted;
    may_write_in_place[at(id)] = options.add_in_place && std::holds_alternative<Add>(node.op);
  }
  for (const NodeId id : graph.outputs()) {
    Buffer& buffer = buffers[at(buffer_of[at(id)])];
    buffer.is_output = true;
    buffer.is_writable = false;
  }
}

MemoryModel::MemoryModel(const Graph& graph, std::span<const NodeMemory> memory)
    : kinds(graph.nodes().size(), Kind::kStep),
      may_write_in_place(graph.nodes().size(), false),
      buffers(graph.nodes().size()),
      reads(graph.nodes().size()) {
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (std::holds_alternative<Input>(node.op)) kinds[at(id)] = Kind::kInput;
    buffers[at(id)].size = memory[at(id)].tensor.value;
    scratch.push_back(memory[at(id)].scratch.value);
    for (const NodeId from : node.inputs) add_read(id, from);
    for (const NodeId buffer : reads[at(id)]) buffers[at(buffer)].readers.push_back(id);
  }
  for (const NodeId id : graph.outputs()) buffers[at(id)].is_output = true;
}

void MemoryModel::add_read(NodeId id, NodeId buffer) {
  std::vector<NodeId>& read = reads[at(id)];
  if (std::ranges::find(read, buffer) == read.end()) read.push_back(buffer);
}

MemorySimulation::MemorySimulation(const MemoryModel& model)
    : model_(model), is_made_(model.buffers.size(), false), readers_left_(model.buffers.size()) {
  for (std::size_t i = 0; i < model.buffers.size(); ++i) {
    const Buffer& buffer = model.buffers[i];
    readers_left_[i] = static_cast<std::int32_t>(buffer.readers.size() + buffer.flattens.size());
    if (model.kinds[i] != MemoryModel::Kind::kInput) continue;
    is_made_[i] = true;
    if (is_live(static_cast<NodeId>(i))) live_bytes_ += buffer.size;
  }
}

bool MemorySimulation::is_live(NodeId buffer) const {
  return is_made_[at(buffer)] &&
         (readers_left_[at(buffer)] > 0 || model_.buffers[at(buffer)].is_output);
}

bool MemorySimulation::writes_in_place(NodeId id) const {
  return model_.may_write_in_place[at(id)] &&
         std::ranges::any_of(model_.reads[at(id)], [&](NodeId buffer) {
           return model_.buffers[at(buffer)].is_writable && readers_left_[at(buffer)] == 1;
         });
}

std::int64_t MemorySimulation::run(NodeId id) {
  std::int64_t during = live_bytes_ + model_.scratch[at(id)];
  if (model_.is_step(id)) {
    const std::int64_t size = model_.buffers[at(id)].size;
    if (!writes_in_place(id)) during += size;
    is_made_[at(id)] = true;
    if (is_live(id)) live_bytes_ += size;
  }
  for (const NodeId buffer : model_.reads[at(id)]) {
    --readers_left_[at(buffer)];
    if (!is_live(buffer)) live_bytes_ -= model_.buffers[at(buffer)].size;
  }
  return during;
}

std::vector<NodeId> MemorySimulation::live_during(NodeId id) const {
  std::vector<NodeId> live;
  const bool has_own_place = model_.is_step(id) && !writes_in_place(id);
  for (NodeId buffer = 0; at(buffer) < model_.buffers.size(); ++buffer) {
    const bool holds_memory = model_.buffers[at(buffer)].size > 0;
    if (holds_memory && (is_live(buffer) || (buffer == id && has_own_place)))
      live.push_back(buffer);
  }
  return live;
}

}  // namespace thimble::footprint
