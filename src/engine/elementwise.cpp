#include "kernels/elementwise.hpp"

#include <algorithm>

#include "operators.hpp"

namespace thimble::engine {
namespace {

/// output = activation(a + b); without b, activation(a).
class Sum : public Step {
 public:
  Sum(std::int64_t floats, TensorId a, TensorId b, Activation activation, TensorId output)
      : floats_(floats), a_(a), b_(b), activation_(activation), output_(output) {}

  std::string_view name() const override { return "sum"; }
  void run(Context& context, int block) override {
    add(floats_, context.at(a_, block), b_ == kNoTensor ? nullptr : context.at(b_, block),
        activation_, context.at(output_, block));
  }

 private:
  std::int64_t floats_;
  TensorId a_, b_;
  Activation activation_;
  TensorId output_;
};

class ActivationGradient : public Step {
 public:
  ActivationGradient(std::int64_t floats, Activation activation, TensorId activated,
                     TensorId gradient, TensorId output)
      : floats_(floats),
        activation_(activation),
        activated_(activated),
        gradient_(gradient),
        output_(output) {}

  std::string_view name() const override { return "activation, gradient"; }
  void run(Context& context, int block) override {
    activation_gradient(floats_, context.at(activated_, block), context.at(gradient_, block),
                        activation_, nullptr, context.at(output_, block));
  }

 private:
  std::int64_t floats_;
  Activation activation_;
  TensorId activated_, gradient_, output_;
};

class BiasGradient : public Step {
 public:
  BiasGradient(Shape shape, std::int64_t place, TensorId gradient, int shards)
      : shape_(shape),
        place_(place),
        gradient_(gradient),
        sums_(static_cast<std::size_t>(shape.channels * shards)) {}

  std::string_view name() const override { return "bias gradient"; }
  void run(Context& context, int block) override {
    double* const sums = sums_.data() + context.shard_of(block) * shape_.channels;
    if (context.begins_shard(block)) std::fill_n(sums, shape_.channels, 0.0);
    add_channel_sums(std::int64_t{shape_.height} * shape_.width, shape_.channels,
                     context.at(gradient_, block), sums);
  }
  void finish(Context& context) override {
    float* const gradient = context.parameters->gradients(place_);
    for (int c = 0; c < shape_.channels; ++c) {
      double sum = 0;
      for (int shard = 0; shard < context.shards; ++shard) {
        sum += sums_[static_cast<std::size_t>(shard * shape_.channels + c)];
      }
      gradient[c] = static_cast<float>(sum);
    }
  }

 private:
  Shape shape_;
  std::int64_t place_;
  TensorId gradient_;
  std::vector<double> sums_;  // by shard, by channel
};

}  // namespace

void add_sum(Compiler& compiler, std::int64_t floats, TensorId a, TensorId b, TensorId output) {
  compiler.add_step(std::make_unique<Sum>(floats, a, b, Activation::kNone, output), {a, b, output},
                    When::kTraining);
}

void add_activation_gradient(Compiler& compiler, Activation activation, std::int64_t floats,
                             TensorId activated, TensorId gradient, TensorId output) {
  compiler.add_step(
      std::make_unique<ActivationGradient>(floats, activation, activated, gradient, output),
      {activated, gradient, output}, When::kTraining);
}

void add_bias_gradient(Compiler& compiler, Shape out, std::int64_t place, TensorId gradient) {
  const int shards = compiler.plan().shards();
  compiler.plan().note_memory(shards * out.channels * std::int64_t{sizeof(double)});
  compiler.add_step(std::make_unique<BiasGradient>(out, place, gradient, shards), {gradient},
                    When::kTraining);
}

void add_operator(Compiler& compiler, NodeId id, const Add&) {
  const std::vector<NodeId>& inputs = compiler.graph().node(id).inputs;
  const std::int64_t floats = floats_of(compiler.graph().shape(id));
  compiler.set_value(id, compiler.add_tensor(id));
  const TensorId output = compiler.value(id);
  TensorId sum = compiler.value(inputs[0]);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    const bool last = i + 1 == inputs.size();
    const TensorId term = compiler.value(inputs[i]);
    auto step = std::make_unique<Sum>(floats, sum, term,
                                      last ? compiler.activation(id) : Activation::kNone, output);
    if (last) {
      compiler.add_forward(id, std::move(step), {sum, term, output});
    } else {
      compiler.add_step(std::move(step), {sum, term, output}, When::kAlways);
    }
    sum = output;
  }
  compiler.set_backward(id, [&compiler, id, inputs] {
    const TensorId gradient = compiler.gradient_before_activation(id);
    for (const NodeId input : inputs) compiler.pass_gradient(input, gradient);
  });
}

void add_operator(Compiler& compiler, NodeId id, const Activate& op) {
  const NodeId input = compiler.graph().node(id).inputs[0];
  const std::int64_t floats = floats_of(compiler.graph().shape(id));
  if (compiler.absorbed(id)) {
    compiler.set_alias(id);
    compiler.set_backward(
        id, [&compiler, id, input] { compiler.pass_gradient(input, compiler.gradient(id)); });
    return;
  }
  compiler.set_value(id, compiler.add_tensor(id));
  const TensorId from = compiler.value(input);
  compiler.add_forward(
      id, std::make_unique<Sum>(floats, from, kNoTensor, op.function, compiler.value(id)),
      {from, compiler.value(id)});
  compiler.set_backward(id, [&compiler, id, input] {
    compiler.pass_gradient(input, compiler.gradient_before_activation(id));
  });
}

}  // namespace thimble::engine
