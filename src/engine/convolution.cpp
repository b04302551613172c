#include <algorithm>

#include "kernels/convolution.hpp"
#include "kernels/dense.hpp"
#include "kernels/elementwise.hpp"
#include "operators.hpp"
#include "transpose.hpp"

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
  std::int64_t weights() const { return positions() * in.channels * out.channels; }
  /// Whether each weight meets each sample once only.
  bool dense() const { return positions() == 1 && in.elements() == in.channels; }
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

/// Kernel [filters][positions][inputs] into tiles of filters, each [positions][inputs][tile].
void pack_forward(const Geometry& geometry, const float* kernel, float* packed) {
  const std::int64_t run = geometry.positions() * geometry.in.channels;
  const int filters = geometry.out.channels;
  for (int tile = 0; tile < tile_count(filters); ++tile) {
    const int begin = tile_begin(filters, tile);
    const int size = tile_begin(filters, tile + 1) - begin;
    for (std::int64_t i = 0; i < run; ++i) {
      for (int f = 0; f < size; ++f) *packed++ = kernel[(begin + f) * run + i];
    }
  }
}

/// The same kernel into tiles of inputs, each [positions as packed by the axes][filters][tile].
void pack_backward(const Geometry& geometry, const Sweep& sweep, const float* kernel,
                   float* packed) {
  const int inputs = geometry.in.channels;
  const std::int64_t run = geometry.positions() * inputs;
  for (int tile = 0; tile < tile_count(inputs); ++tile) {
    const int begin = tile_begin(inputs, tile);
    const int size = tile_begin(inputs, tile + 1) - begin;
    for (const int row : sweep.rows.packing) {
      for (const int column : sweep.columns.packing) {
        const std::int64_t position = std::int64_t{row} * geometry.window.columns.kernel + column;
        for (int f = 0; f < geometry.out.channels; ++f) {
          const float* const source = kernel + f * run + position * inputs + begin;
          packed = std::copy_n(source, size, packed);
        }
      }
    }
  }
}

class ConvolutionForward : public Step {
 public:
  struct Tensors {
    TensorId input, packed, output;
  };
  ConvolutionForward(const Geometry& geometry, ParameterPlace place, Tensors tensors,
                     Activation activation)
      : geometry_(geometry),
        sweep_{geometry.in, geometry.out, forward_axis(geometry.window.rows),
               forward_axis(geometry.window.columns)},
        place_(place),
        tensors_(tensors),
        activation_(activation) {}

  std::string_view name() const override { return "convolution"; }
  void begin(Context& context) override {
    pack_forward(geometry_, context.parameters->values(place_.kernel),
                 context.at(tensors_.packed, 0));
  }

  void run(Context& context, int block) override {
    convolve({.sweep = &sweep_,
              .source = context.at(tensors_.input, block),
              .weights = context.at(tensors_.packed, 0),
              .bias = place_.bias < 0 ? nullptr : context.parameters->values(place_.bias),
              .addend = nullptr,
              .output = context.at(tensors_.output, block),
              .activation = activation_});
  }

 private:
  Geometry geometry_;
  Sweep sweep_;
  ParameterPlace place_;
  Tensors tensors_;
  Activation activation_;
};

class ConvolutionDataGradient : public Step {
 public:
  struct Tensors {
    TensorId gradient, packed, addend, output;
  };
  ConvolutionDataGradient(const Geometry& geometry, ParameterPlace place, Tensors tensors)
      : geometry_(geometry),
        sweep_{geometry.out, geometry.in, backward_axis(geometry.window.rows),
               backward_axis(geometry.window.columns)},
        place_(place),
        tensors_(tensors) {}

  std::string_view name() const override { return "convolution, data gradient"; }
  void begin(Context& context) override {
    pack_backward(geometry_, sweep_, context.parameters->values(place_.kernel),
                  context.at(tensors_.packed, 0));
  }

  void run(Context& context, int block) override {
    convolve({.sweep = &sweep_,
              .source = context.at(tensors_.gradient, block),
              .weights = context.at(tensors_.packed, 0),
              .bias = nullptr,
              .addend = tensors_.addend == kNoTensor ? nullptr : context.at(tensors_.addend, block),
              .output = context.at(tensors_.output, block)});
  }

 private:
  Geometry geometry_;
  Sweep sweep_;
  ParameterPlace place_;
  Tensors tensors_;
};

class ConvolutionKernelGradient : public Step {
 public:
  struct Tensors {
    TensorId input, gradient, partial_sums;
  };
  ConvolutionKernelGradient(const Geometry& geometry, std::int64_t place, Tensors tensors)
      : weights_(geometry.weights()),
        sweep_(geometry.in, geometry.out, geometry.window),
        place_(place),
        tensors_(tensors) {}

  std::string_view name() const override { return "convolution, kernel gradient"; }
  void run(Context& context, int block) override {
    float* const partial_sums = context.at(tensors_.partial_sums, block);
    if (context.begins_shard(block)) {
      std::fill_n(partial_sums, weights_ * partial_sums_width(), 0.0F);
    }
    accumulate({.sweep = &sweep_,
                .source = context.at(tensors_.input, block),
                .output = context.at(tensors_.gradient, block),
                .partial_sums = partial_sums});
  }
  void finish(Context& context) override {
    reduce_partial_sums(partial_sums_of(context, tensors_.partial_sums), weights_,
                        context.parameters->gradients(place_));
  }

 private:
  std::int64_t weights_;
  WeightSweep sweep_;
  std::int64_t place_;
  Tensors tensors_;
};

class DenseKernelGradient : public Step {
 public:
  struct Tensors {
    TensorId input, gradient, transposed, sums;
  };
  DenseKernelGradient(int inputs, int units, std::int64_t place, Tensors tensors)
      : inputs_(inputs), units_(units), place_(place), tensors_(tensors) {}

  std::string_view name() const override { return "dense, kernel gradient"; }
  void run(Context& context, int block) override {
    float* const sums = context.at(tensors_.sums, block);
    if (context.begins_shard(block)) {
      std::fill_n(sums, std::int64_t{units_} * dense_pitch(inputs_), 0.0F);
    }
    float* const transposed = context.at(tensors_.transposed, block);
    lanes_to_pitched_rows(context.at(tensors_.input, block), inputs_, dense_pitch(inputs_),
                          transposed);
    accumulate_dense({.inputs = inputs_,
                      .units = units_,
                      .input = transposed,
                      .output_gradient = context.at(tensors_.gradient, block),
                      .gradient = sums});
  }
  void finish(Context& context) override {
    float* const gradient = context.parameters->gradients(place_);
    const std::int64_t pitch = dense_pitch(inputs_);
    float* const sums = context.of_shard(tensors_.sums, 0);
    for (int shard = 1; shard < context.shards; ++shard) {
      add(units_ * pitch, sums, context.of_shard(tensors_.sums, shard), Activation::kNone, sums);
    }
    for (int u = 0; u < units_; ++u) {
      std::copy_n(sums + u * pitch, inputs_, gradient + std::int64_t{u} * inputs_);
    }
  }

 private:
  int inputs_;
  int units_;
  std::int64_t place_;
  Tensors tensors_;
};

void add_kernel_gradient(Compiler& compiler, NodeId id, const Geometry& geometry,
                         TensorId gradient) {
  const TensorId input = compiler.value_again(compiler.graph().node(id).inputs[0]);
  const std::int64_t place = compiler.parameters(id).kernel;
  Plan& plan = compiler.plan();
  if (geometry.dense()) {
    const int inputs = geometry.in.channels;
    const int units = geometry.out.channels;
    const TensorId transposed = plan.add_tensor(std::int64_t{kLanes} * dense_pitch(inputs));
    const TensorId sums = plan.add_shard_workspace(std::int64_t{units} * dense_pitch(inputs));
    compiler.add_step(
        std::make_unique<DenseKernelGradient>(
            inputs, units, place, DenseKernelGradient::Tensors{input, gradient, transposed, sums}),
        {input, gradient, transposed, sums}, When::kTraining);
    return;
  }
  const TensorId sums = plan.add_shard_workspace(geometry.weights() * partial_sums_width());
  compiler.add_step(std::make_unique<ConvolutionKernelGradient>(
                        geometry, place, ConvolutionKernelGradient::Tensors{input, gradient, sums}),
                    {input, gradient, sums}, When::kTraining);
}

void add_convolution_backward(Compiler& compiler, NodeId id, const Geometry& geometry) {
  const NodeId input = compiler.graph().node(id).inputs[0];
  const ParameterPlace& place = compiler.parameters(id);
  const TensorId gradient = compiler.gradient_before_activation(id);
  if (place.bias >= 0) add_bias_gradient(compiler, geometry.out, place.bias, gradient);
  add_kernel_gradient(compiler, id, geometry, gradient);
  if (!compiler.needs_gradient(input)) return;
  const auto [addend, output] = compiler.contribute(input);
  const ConvolutionDataGradient::Tensors tensors{
      gradient, compiler.plan().add_workspace(geometry.weights()), addend, output};
  compiler.add_step(std::make_unique<ConvolutionDataGradient>(geometry, place, tensors),
                    {gradient, tensors.packed, addend, output}, When::kTraining);
}

void add_convolution(Compiler& compiler, NodeId id, const Geometry& geometry) {
  compiler.set_value(id, compiler.add_tensor(id));
  const ConvolutionForward::Tensors tensors{
      compiler.input(id), compiler.plan().add_workspace(geometry.weights()), compiler.value(id)};
  compiler.add_forward(id,
                       std::make_unique<ConvolutionForward>(geometry, compiler.parameters(id),
                                                            tensors, compiler.activation(id)),
                       {tensors.input, tensors.packed, tensors.output});
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
