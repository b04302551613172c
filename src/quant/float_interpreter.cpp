#include "thimble/quant/float_interpreter.hpp"

#include <algorithm>
#include <utility>

#include "hwy/aligned_allocator.h"
#include "quant/buffer_slots.hpp"
#include "quant/float_kernels.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// Throws unless the operator is one that a deployed graph may hold.
void check_deployed(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const bool training = std::holds_alternative<BatchNorm>(node.op) ||
                        std::holds_alternative<Dropout>(node.op) ||
                        std::holds_alternative<GlobalPool>(node.op);
  const bool several = std::holds_alternative<Add>(node.op) && node.inputs.size() != 2;
  const ParameterCount count = parameter_count(graph, id);
  if (!training && !several && (count.kernel == 0 || count.bias > 0)) return;
  raise<ModelError>("node {} {}: not the form of a deployed network: deploy it first", id,
                    op_name(node.op));
}

}  // namespace

struct FloatInterpreter::State {
  Graph graph;
  Weights weights;
  NodeId input;
  NodeId output;
  std::vector<std::size_t> slot;  // of the tensor that each node computes
  std::vector<hwy::AlignedFreeUniquePtr<float[]>> buffers;

  explicit State(const Model& model)
      : graph(model.graph),
        weights(model.weights),
        input(single_input(graph)),
        output(graph.output()) {
    check_weights(graph, weights);
    for (NodeId id = 0; id < graph.size(); ++id) check_deployed(graph, id);
    const BufferSlots slots =
        share_buffers(graph, [&](NodeId id) { return real::length(graph.shape(id)); });
    slot = slots.slot;
    for (const std::size_t size : slots.sizes) {
      buffers.push_back(hwy::AllocateAligned<float>(size));
      std::fill_n(buffers.back().get(), size, 0.0F);
    }
  }

  float* tensor(NodeId id) { return buffers[slot[at(id)]].get(); }
  std::span<const float> values(NodeId id) { return {tensor(id), real::length(graph.shape(id))}; }

  void compute(NodeId id) {
    const Node& node = graph.node(id);
    std::visit([&](const auto& op) { run(op, id, node.inputs, tensor(id)); }, node.op);
  }

  template <class Op>
  Window window(const Op& op, Extent kernel, Extent dilation, NodeId from, NodeId id) const {
    return Window::over(graph.shape(from), graph.shape(id), kernel, op.stride, dilation,
                        op.padding);
  }

  using Inputs = const std::vector<NodeId>&;

  void run(const Conv2D& op, NodeId id, Inputs in, float* out) {
    real::convolve(window(op, op.kernel, op.dilation, in[0], id), weights[at(id)], op.activation,
                   tensor(in[0]), out);
  }
  void run(const DepthwiseConv2D& op, NodeId id, Inputs in, float* out) {
    real::convolve_depthwise(window(op, op.kernel, op.dilation, in[0], id), weights[at(id)],
                             op.activation, tensor(in[0]), out);
  }
  void run(const Dense& op, NodeId id, Inputs in, float* out) {
    const Shape shape = graph.shape(in[0]);
    const Window whole{.in = shape, .out = graph.shape(id), .kernel = {shape.height, shape.width}};
    real::convolve(whole, weights[at(id)], op.activation, tensor(in[0]), out);
  }
  void run(const Pool2D& op, NodeId id, Inputs in, float* out) {
    real::pool(window(op, op.window, Extent{}, in[0], id), op.kind, tensor(in[0]), out);
  }
  void run(const Add& op, NodeId, Inputs in, float* out) {
    real::add(values(in[0]), values(in[1]), op.activation, out);
  }
  void run(const Activate& op, NodeId, Inputs in, float* out) {
    real::activate(values(in[0]), op.function, out);
  }
  void run(const Concat&, NodeId, Inputs in, float* out) {
    std::vector<const float*> parts;
    std::vector<Shape> shapes;
    for (const NodeId from : in) {
      parts.push_back(tensor(from));
      shapes.push_back(graph.shape(from));
    }
    real::concatenate(parts, shapes, out);
  }
  void run(const Pad& op, NodeId id, Inputs in, float* out) {
    real::pad(op, graph.shape(in[0]), graph.shape(id), tensor(in[0]), out);
  }
  void run(const Flatten&, NodeId, Inputs in, float* out) { std::ranges::copy(values(in[0]), out); }
  void run(const Softmax&, NodeId id, Inputs in, float* out) {
    real::softmax(graph.shape(id), tensor(in[0]), out);
  }
  void run(const Mean&, NodeId, Inputs in, float* out) {
    real::mean(graph.shape(in[0]), tensor(in[0]), out);
  }
  void run(const Mul& op, NodeId id, Inputs in, float* out) {
    real::multiply(graph.shape(in[0]), graph.shape(in[1]), graph.shape(id), op.activation,
                   tensor(in[0]), tensor(in[1]), out);
  }
  void run(const ResizeNearest& op, NodeId, Inputs in, float* out) {
    real::resize(op, graph.shape(in[0]), tensor(in[0]), out);
  }
  void run(const Apply& op, NodeId, Inputs in, float* out) {
    real::apply(values(in[0]), op.function, out);
  }
  template <class OtherOp>
  void run(const OtherOp&, NodeId, Inputs, float*) {}  // Input; the rest check_deployed refused

  /// Missing samples of the group are zeros.
  void load(std::span<const float> samples, int count) {
    const std::size_t elements = samples.size() / static_cast<std::size_t>(count);
    float* const to = tensor(input);
    std::fill_n(to, elements * kLanes, 0.0F);
    for (std::size_t lane = 0; lane < static_cast<std::size_t>(count); ++lane) {
      for (std::size_t i = 0; i < elements; ++i) {
        to[i * kLanes + lane] = samples[lane * elements + i];
      }
    }
  }

  void run_group(std::span<const float> samples, int count, const Observer& observer) {
    for (NodeId id = 0; id < graph.size(); ++id) {
      if (id == input) {
        load(samples, count);
      } else {
        compute(id);
      }
      if (observer) observer(id, values(id), count);
    }
  }
};

FloatInterpreter::FloatInterpreter(const Model& deployed)
    : state_(std::make_unique<State>(deployed)) {}
FloatInterpreter::~FloatInterpreter() = default;
FloatInterpreter::FloatInterpreter(FloatInterpreter&&) noexcept = default;
FloatInterpreter& FloatInterpreter::operator=(FloatInterpreter&&) noexcept = default;

std::int64_t FloatInterpreter::input_elements() const {
  return state_->graph.shape(state_->input).elements();
}
std::int64_t FloatInterpreter::output_elements() const {
  return state_->graph.shape(state_->output).elements();
}

void FloatInterpreter::observe(std::span<const float> inputs, const Observer& observer) {
  const auto size = static_cast<std::size_t>(input_elements());
  if (inputs.size() % size != 0) {
    raise<DataError>("network input: {} values: no multiple of a sample's {}", inputs.size(), size);
  }
  for (std::size_t first = 0; first < inputs.size(); first += kLanes * size) {
    const std::size_t length = std::min(kLanes * size, inputs.size() - first);
    state_->run_group(inputs.subspan(first, length), static_cast<int>(length / size), observer);
  }
}

void FloatInterpreter::run(std::span<const float> inputs, std::span<float> outputs) {
  const auto in_size = static_cast<std::size_t>(input_elements());
  const auto out_size = static_cast<std::size_t>(output_elements());
  if (outputs.size() != inputs.size() / in_size * out_size) {
    raise<DataError>("network output: {} values: needs {} for each of {} samples", outputs.size(),
                     out_size, inputs.size() / in_size);
  }
  auto to = outputs.begin();
  observe(inputs, [&](NodeId id, std::span<const float> values, int count) {
    if (id != state_->output) return;
    for (std::size_t lane = 0; lane < static_cast<std::size_t>(count); ++lane) {
      for (std::size_t i = 0; i < out_size; ++i) *to++ = values[i * kLanes + lane];
    }
  });
}

}  // namespace thimble
