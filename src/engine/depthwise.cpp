#include "kernels/depthwise.hpp"

#include <algorithm>

#include "operators.hpp"

namespace thimble::engine {
namespace {

/// Kernel [positions][channels] into [channels][positions], the positions in the order of the axes'
/// packing.
void pack(const Sweep& sweep, int channels, const float* kernel, float* packed) {
  for (int c = 0; c < channels; ++c) {
    for (const int row : sweep.rows.packing) {
      for (const int column : sweep.columns.packing) {
        const std::int64_t position = std::int64_t{row} * sweep.columns.kernel + column;
        *packed++ = kernel[position * channels + c];
      }
    }
  }
}

struct DepthwiseTensors {
  TensorId source, packed, addend, output;
};

/// Forward, or the gradient towards the data, which is a depthwise convolution as well.
class DepthwiseStep : public Step {
 public:
  struct Fan {
    int out = 1;
    int in = 1;
  };
  DepthwiseStep(bool forward, Sweep sweep, Fan fan, ParameterPlace place, DepthwiseTensors tensors,
                Activation activation)
      : forward_(forward),
        sweep_(std::move(sweep)),
        fan_(fan),
        place_(place),
        tensors_(tensors),
        activation_(activation) {}

  std::string_view name() const override {
    return forward_ ? "depthwise" : "depthwise, data gradient";
  }
  void begin(Context& context) override {
    pack(sweep_, sweep_.output.channels * fan_.in, context.parameters->values(place_.kernel),
         context.at(tensors_.packed, 0));
  }

  void run(Context& context, int block) override {
    convolve_depthwise(
        {.sweep = &sweep_,
         .fan_out = fan_.out,
         .fan_in = fan_.in,
         .source = context.at(tensors_.source, block),
         .weights = context.at(tensors_.packed, 0),
         .bias = place_.bias < 0 ? nullptr : context.parameters->values(place_.bias),
         .addend = tensors_.addend == kNoTensor ? nullptr : context.at(tensors_.addend, block),
         .output = context.at(tensors_.output, block),
         .activation = activation_});
  }

 private:
  bool forward_;
  Sweep sweep_;
  Fan fan_;
  ParameterPlace place_;
  DepthwiseTensors tensors_;
  Activation activation_;
};

class DepthwiseKernelGradient : public Step {
 public:
  struct Operands {
    TensorId input, gradient, partial_sums;
  };
  DepthwiseKernelGradient(Sweep sweep, int multiplier, std::int64_t place, Operands operands)
      : sweep_(std::move(sweep)), multiplier_(multiplier), place_(place), operands_(operands) {}

  std::string_view name() const override { return "depthwise, kernel gradient"; }
  void run(Context& context, int block) override {
    float* const partial_sums = context.at(operands_.partial_sums, block);
    if (context.begins_shard(block)) {
      std::fill_n(partial_sums, weights() * partial_sums_width(), 0.0F);
    }
    accumulate_depthwise({.sweep = &sweep_,
                          .multiplier = multiplier_,
                          .source = context.at(operands_.input, block),
                          .output = context.at(operands_.gradient, block),
                          .partial_sums = partial_sums});
  }
  void finish(Context& context) override {
    float* const sums = context.of_shard(operands_.partial_sums, 0);
    reduce_partial_sums(partial_sums_of(context, operands_.partial_sums), weights(), sums);
    float* const gradient = context.parameters->gradients(place_);
    const std::int64_t channels = sweep_.output.channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < positions(); ++p) {
        gradient[p * channels + c] = sums[c * positions() + p];
      }
    }
  }

 private:
  std::int64_t positions() const {
    return std::int64_t{sweep_.rows.kernel} * sweep_.columns.kernel;
  }
  std::int64_t weights() const { return positions() * sweep_.output.channels; }

  Sweep sweep_;
  int multiplier_;
  std::int64_t place_;
  Operands operands_;
};

Window window_at(const Graph& graph, NodeId id, const DepthwiseConv2D& op) {
  return window_of(graph.shape(graph.node(id).inputs[0]), graph.shape(id), op.kernel, op.stride,
                   op.dilation, op.padding);
}

void add_depthwise_backward(Compiler& compiler, NodeId id, const DepthwiseConv2D& op) {
  const Graph& graph = compiler.graph();
  const Window window = window_at(graph, id, op);
  const NodeId input = graph.node(id).inputs[0];
  const std::int64_t weights = parameter_count(graph, id).kernel;
  ParameterPlace place = compiler.parameters(id);
  const TensorId gradient = compiler.gradient_before_activation(id);
  if (place.bias >= 0) add_bias_gradient(compiler, graph.shape(id), place.bias, gradient);

  const DepthwiseKernelGradient::Operands operands{
      compiler.value_again(input), gradient,
      compiler.plan().add_shard_workspace(weights * partial_sums_width())};
  compiler.add_step(std::make_unique<DepthwiseKernelGradient>(
                        Sweep{graph.shape(input), graph.shape(id), forward_axis(window.rows),
                              forward_axis(window.columns)},
                        op.multiplier, place.kernel, operands),
                    {operands.input, operands.gradient, operands.partial_sums}, When::kTraining);

  if (!compiler.needs_gradient(input)) return;
  const auto [addend, output] = compiler.contribute(input);
  const DepthwiseTensors tensors{gradient, compiler.plan().add_workspace(weights), addend, output};
  place.bias = -1;
  compiler.add_step(
      std::make_unique<DepthwiseStep>(
          false,
          Sweep{graph.shape(id), graph.shape(input), backward_axis(window.rows),
                backward_axis(window.columns)},
          DepthwiseStep::Fan{.out = 1, .in = op.multiplier}, place, tensors, Activation::kNone),
      {gradient, tensors.packed, addend, output}, When::kTraining);
}

}  // namespace

void add_operator(Compiler& compiler, NodeId id, const DepthwiseConv2D& op) {
  const Graph& graph = compiler.graph();
  const Window window = window_at(graph, id, op);
  compiler.set_value(id, compiler.add_tensor(id));
  const DepthwiseTensors tensors{compiler.input(id),
                                 compiler.plan().add_workspace(parameter_count(graph, id).kernel),
                                 kNoTensor, compiler.value(id)};
  compiler.add_forward(id,
                       std::make_unique<DepthwiseStep>(
                           true,
                           Sweep{graph.shape(graph.node(id).inputs[0]), graph.shape(id),
                                 forward_axis(window.rows), forward_axis(window.columns)},
                           DepthwiseStep::Fan{.out = op.multiplier, .in = 1},
                           compiler.parameters(id), tensors, compiler.activation(id)),
                       {tensors.source, tensors.packed, tensors.output});
  compiler.set_backward(id, [&compiler, id, op] { add_depthwise_backward(compiler, id, op); });
}

}  // namespace thimble::engine
