#include "thimble/quant/int8_interpreter.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "hwy/aligned_allocator.h"
#include "quant/buffer_slots.hpp"
#include "quant/int8_plan.hpp"
#include "thimble/core/error.hpp"
#include "thimble/quant/check.hpp"

namespace thimble {
namespace {}  // namespace

struct Int8Interpreter::State {
  Graph graph;
  std::vector<QuantParams> params;
  std::vector<int8::Plan> plans;  // by node id
  NodeId input;
  NodeId output;
  std::vector<std::size_t> slot;  // of the tensor that each node computes
  std::vector<hwy::AlignedFreeUniquePtr<std::int16_t[]>> buffers;

  explicit State(const QuantizedModel& model) : graph(model.graph), params(model.activations) {
    check_quantized(model);
    input = single_input(graph);
    output = graph.output();
    for (NodeId id = 0; id < graph.size(); ++id) plans.push_back(int8::plan_node(model, id));
    const BufferSlots slots = share_buffers(graph, [&](NodeId id) { return length(id); });
    slot = slots.slot;
    for (const std::size_t size : slots.sizes) {
      buffers.push_back(hwy::AllocateAligned<std::int16_t>(size));
      std::fill_n(buffers.back().get(), size, std::int16_t{0});
    }
  }

  std::size_t length(NodeId id) const { return int8::packed_length(graph.shape(id)); }
  std::int16_t* tensor(NodeId id) { return buffers[slot[at(id)]].get(); }

  void compute(NodeId id) {
    const std::vector<NodeId>& inputs = graph.node(id).inputs;
    std::int16_t* const out = tensor(id);
    const auto all = [&](std::size_t i) {
      return std::span<const std::int16_t>(tensor(inputs[i]), length(inputs[i]));
    };
    std::visit(
        [&](const auto& plan) {
          using Kind = std::decay_t<decltype(plan)>;
          if constexpr (std::is_same_v<Kind, int8::Addition>) {
            int8::run(plan, all(0), all(1), out);
          } else if constexpr (std::is_same_v<Kind, int8::Product>) {
            int8::run(plan, tensor(inputs[0]), tensor(inputs[1]), out);
          } else if constexpr (std::is_same_v<Kind, int8::Relu> ||
                               std::is_same_v<Kind, int8::Relu6> ||
                               std::is_same_v<Kind, int8::Lookup>) {
            int8::run(plan, all(0), out);
          } else if constexpr (std::is_same_v<Kind, int8::Concatenation>) {
            std::vector<const std::int16_t*> parts;
            for (const NodeId from : inputs) parts.push_back(tensor(from));
            int8::run(plan, parts, out);
          } else if constexpr (!std::is_same_v<Kind, int8::Source>) {
            int8::run(plan, tensor(inputs[0]), out);
          }
        },
        plans[at(id)]);
  }

  /// `samples`: count · elements of the network's input; `computed` is told of each tensor while it
  /// is there.
  void run_group(std::span<const std::int8_t> samples, int count,
                 const std::function<void(NodeId)>& computed) {
    for (NodeId id = 0; id < graph.size(); ++id) {
      if (id == input) {
        int8::pack(samples, count, graph.shape(id), params[at(id)].zero_point, tensor(id));
      } else {
        compute(id);
      }
      if (computed) computed(id);
    }
  }

  void unpack(NodeId id, int count, std::span<std::int8_t> samples) {
    int8::unpack(tensor(id), count, graph.shape(id), params[at(id)].zero_point, samples);
  }
};

Int8Interpreter::Int8Interpreter(const QuantizedModel& model)
    : state_(std::make_unique<State>(model)) {}
Int8Interpreter::~Int8Interpreter() = default;
Int8Interpreter::Int8Interpreter(Int8Interpreter&&) noexcept = default;
Int8Interpreter& Int8Interpreter::operator=(Int8Interpreter&&) noexcept = default;

std::int64_t Int8Interpreter::input_elements() const {
  return state_->graph.shape(state_->input).elements();
}
std::int64_t Int8Interpreter::output_elements() const {
  return state_->graph.shape(state_->output).elements();
}
QuantParams Int8Interpreter::input_params() const { return state_->params[at(state_->input)]; }
QuantParams Int8Interpreter::output_params() const { return state_->params[at(state_->output)]; }

void Int8Interpreter::run(std::span<const std::int8_t> inputs, std::span<std::int8_t> outputs) {
  const auto in_size = static_cast<std::size_t>(input_elements());
  const auto out_size = static_cast<std::size_t>(output_elements());
  const std::size_t samples = inputs.size() / in_size;
  if (inputs.size() % in_size != 0 || outputs.size() != samples * out_size) {
    raise<DataError>("network input: {} values in, {} out: needs {} and {} for each sample",
                     inputs.size(), outputs.size(), in_size, out_size);
  }
  for (std::size_t first = 0; first < samples; first += int8::kLanes) {
    const std::size_t count = std::min<std::size_t>(int8::kLanes, samples - first);
    state_->run_group(inputs.subspan(first * in_size, count * in_size), static_cast<int>(count),
                      {});
    state_->unpack(state_->output, static_cast<int>(count),
                   outputs.subspan(first * out_size, count * out_size));
  }
}

std::vector<std::int8_t> Int8Interpreter::run(std::span<const std::int8_t> inputs) {
  const auto in_size = static_cast<std::size_t>(input_elements());
  std::vector<std::int8_t> outputs(inputs.size() / in_size *
                                   static_cast<std::size_t>(output_elements()));
  run(inputs, outputs);
  return outputs;
}

std::vector<std::vector<std::int8_t>> Int8Interpreter::trace(std::span<const std::int8_t> input) {
  if (std::cmp_not_equal(input.size(), input_elements())) {
    raise<DataError>("network input: {} values: one sample has {}", input.size(), input_elements());
  }
  std::vector<std::vector<std::int8_t>> tensors(state_->graph.nodes().size());
  state_->run_group(input, 1, [&](NodeId id) {
    tensors[at(id)].resize(static_cast<std::size_t>(state_->graph.shape(id).elements()));
    state_->unpack(id, 1, tensors[at(id)]);
  });
  return tensors;
}

std::vector<int> predicted_classes(std::span<const std::int8_t> outputs, int classes,
                                   QuantParams params) {
  if (classes < 1 || outputs.size() % static_cast<std::size_t>(classes) != 0) {
    raise<DataError>("network output: {} values: no multiple of {} classes", outputs.size(),
                     classes);
  }
  std::vector<int> predicted;
  const auto width = static_cast<std::size_t>(classes);
  predicted.reserve(outputs.size() / width);
  for (std::size_t first = 0; first < outputs.size(); first += width) {
    const auto sample = outputs.subspan(first, width);
    predicted.push_back(classes == 1
                            ? (sample[0] > params.zero_point ? 1 : 0)
                            : static_cast<int>(std::ranges::max_element(sample) - sample.begin()));
  }
  return predicted;
}

}  // namespace thimble
