#include "kernels/convolution.hpp"

#include <algorithm>

#include "kernels/packing.hpp"
#include "operators.hpp"

namespace thimble::engine {
namespace {

/// A convolution, or a dense layer, which is one of 1×1 over one pixel.
struct Geometry {
  Shape in;
  Shape out;
  Window window;

  std::int64_t positions() const {
    return std::int64_t{window.rows.kernel} * window.columns.kernel;
  }
  /// Whether each weight meets each sample once only.
  bool dense() const { return positions() == 1 && in.elements() == in.channels; }
  Sweep forward() const {
    return {in, out, forward_axis(window.rows), forward_axis(window.columns)};
  }
  Sweep backward() const {
    return {out, in, backward_axis(window.rows), backward_axis(window.columns)};
  }
};

Geometry geometry_of(const Graph& graph, NodeId id, const Conv2D& op) {
  const Shape in = graph.shape(graph.node(id).inputs[0]);
  const Shape out = graph.shape(id);
  return {in, out, window_of(in, out, op.kernel, op.stride, op.dilation, op.padding)};
}

Geometry geometry_of(const Graph& graph, NodeId id, const Dense&) {
  const Shape in = graph.shape(graph.node(id).inputs[0]);
  return {{1, 1, static_cast<int>(in.elements())}, graph.shape(id), {}};
}

struct ConvolutionTensors {
  TensorId source, packed, scratch, addend, output;
};

/// Forward, or the gradient towards the data, which is a convolution as well.
class ConvolutionStep : public Step {
 public:
  ConvolutionStep(bool forward, Sweep sweep, ParameterPlace place, ConvolutionTensors tensors,
                  Activation activation)
      : forward_(forward),
        sweep_(std::move(sweep)),
        place_(place),
        tensors_(tensors),
        activation_(activation) {}

  std::string_view name() const override {
    return forward_ ? "convolution" : "convolution, data gradient";
  }

  /// The kernel is [filters][positions][inputs].
  void begin(Context& context) override {
    const float* const kernel = context.parameters->values(place_.kernel);
    float* const packed = context.at(tensors_.packed, 0);
    const std::ptrdiff_t positions = std::ptrdiff_t{sweep_.rows.kernel} * sweep_.columns.kernel;
    const std::ptrdiff_t inputs = forward_ ? sweep_.source.channels : sweep_.output.channels;
    if (forward_) {
      pack_weights(
          sweep_, [&](int o, int p, int i) { return kernel[(o * positions + p) * inputs + i]; },
          packed);
    } else {
      pack_weights(
          sweep_, [&](int o, int p, int i) { return kernel[(i * positions + p) * inputs + o]; },
          packed);
    }
  }

  void run(Context& context, int block) override {
    const bool has_bias = forward_ && place_.bias >= 0;
    convolve(
        {.sweep = &sweep_,
         .source = context.at(tensors_.source, block),
         .weights = context.at(tensors_.packed, 0),
         .bias = has_bias ? context.parameters->values(place_.bias) : nullptr,
         .addend = tensors_.addend == kNoTensor ? nullptr : context.at(tensors_.addend, block),
         .output = context.at(tensors_.output, block),
         .activation = activation_,
         .scratch = tensors_.scratch == kNoTensor ? nullptr : context.at(tensors_.scratch, block)});
  }

 private:
  bool forward_;
  Sweep sweep_;
  ParameterPlace place_;
  ConvolutionTensors tensors_;
  Activation activation_;
};

class ConvolutionKernelGradient : public Step {
 public:
  struct Operands {
    TensorId input, gradient, scratch, partial_sums;
  };
  ConvolutionKernelGradient(WeightSweep sweep, std::int64_t place, Operands operands)
      : sweep_(std::move(sweep)), place_(place), operands_(operands) {}

  std::string_view name() const override { return "convolution, kernel gradient"; }
  void run(Context& context, int block) override {
    float* const partial_sums = context.at(operands_.partial_sums, block);
    if (context.begins_shard(block)) {
      std::fill_n(partial_sums, sweep_.sums() * partial_sums_width(), 0.0F);
    }
    accumulate({.sweep = &sweep_,
                .source = context.at(operands_.input, block),
                .output = context.at(operands_.gradient, block),
                .partial_sums = partial_sums,
                .scratch = operands_.scratch == kNoTensor ? nullptr
                                                          : context.at(operands_.scratch, block)});
  }
  void finish(Context& context) override {
    finish_kernel_gradient(sweep_, partial_sums_of(context, operands_.partial_sums),
                           context.parameters->gradients(place_));
  }

 private:
  WeightSweep sweep_;
  std::int64_t place_;
  Operands operands_;
};

/// A workspace of each shard, or none.
TensorId scratch_of(Compiler& compiler, std::int64_t floats) {
  return floats == 0 ? kNoTensor : compiler.plan().add_shard_workspace(floats);
}

void add_kernel_gradient(Compiler& compiler, NodeId id, const Geometry& geometry,
                         TensorId gradient) {
  const TensorId input = compiler.value_again(compiler.graph().node(id).inputs[0]);
  const std::int64_t place = compiler.parameters(id).kernel;
  if (geometry.dense()) {
    add_dense_kernel_gradient(compiler, geometry.in.channels, geometry.out.channels, place, input,
                              gradient);
    return;
  }
  WeightSweep sweep(geometry.in, geometry.out, geometry.window);
  const ConvolutionKernelGradient::Operands operands{
      input, gradient, scratch_of(compiler, scratch_floats(sweep)),
      compiler.plan().add_shard_workspace(sweep.sums() * partial_sums_width())};
  compiler.add_step(std::make_unique<ConvolutionKernelGradient>(std::move(sweep), place, operands),
                    {input, gradient, operands.scratch, operands.partial_sums}, When::kTraining);
}

void add_convolution_backward(Compiler& compiler, NodeId id, const Geometry& geometry) {
  const NodeId input = compiler.graph().node(id).inputs[0];
  const ParameterPlace& place = compiler.parameters(id);
  const TensorId gradient = compiler.gradient_before_activation(id);
  if (place.bias >= 0) add_bias_gradient(compiler, geometry.out, place.bias, gradient);
  add_kernel_gradient(compiler, id, geometry, gradient);
  if (!compiler.needs_gradient(input)) return;
  Sweep sweep = geometry.backward();
  const auto [addend, output] = compiler.contribute(input);
  const ConvolutionTensors tensors{gradient, compiler.plan().add_workspace(packed_floats(sweep)),
                                   scratch_of(compiler, scratch_floats(sweep)), addend, output};
  compiler.add_step(
      std::make_unique<ConvolutionStep>(false, std::move(sweep), place, tensors, Activation::kNone),
      {gradient, tensors.packed, tensors.scratch, addend, output}, When::kTraining);
}

void add_convolution(Compiler& compiler, NodeId id, const Geometry& geometry) {
  compiler.set_value(id, compiler.add_tensor(id));
  Sweep sweep = geometry.forward();
  const ConvolutionTensors tensors{
      compiler.input(id), compiler.plan().add_workspace(packed_floats(sweep)),
      scratch_of(compiler, scratch_floats(sweep)), kNoTensor, compiler.value(id)};
  compiler.add_forward(
      id,
      std::make_unique<ConvolutionStep>(true, std::move(sweep), compiler.parameters(id), tensors,
                                        compiler.activation(id)),
      {tensors.source, tensors.packed, tensors.scratch, tensors.output});
  compiler.set_backward(
      id, [&compiler, id, geometry] { add_convolution_backward(compiler, id, geometry); });
}

}  // namespace

void add_operator(Compiler& compiler, NodeId id, const Conv2D& op) {
  add_convolution(compiler, id, geometry_of(compiler.graph(), id, op));
}
void add_operator(Compiler& compiler, NodeId id, const Dense& op) {
  add_convolution(compiler, id, geometry_of(compiler.graph(), id, op));
}

}  // namespace thimble::engine
