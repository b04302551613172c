#include <array>
#include <cmath>

#include "operators.hpp"

namespace thimble::engine {
namespace {

using Lanes = std::array<float, kLanes>;

class SoftmaxForward : public Step {
 public:
  SoftmaxForward(Shape shape, TensorId input, TensorId output)
      : shape_(shape), input_(input), output_(output) {}

  std::string_view name() const override { return "softmax"; }
  void run(Context& context, int block) override {
    const std::int64_t pixel = std::int64_t{shape_.channels} * kLanes;
    for (std::int64_t p = 0; p < std::int64_t{shape_.height} * shape_.width; ++p) {
      const float* const x = context.at(input_, block) + p * pixel;
      float* const y = context.at(output_, block) + p * pixel;
      Lanes largest;
      largest.fill(-HUGE_VALF);
      for (std::int64_t i = 0; i < pixel; ++i) {
        largest[static_cast<std::size_t>(i % kLanes)] =
            std::max(largest[static_cast<std::size_t>(i % kLanes)], x[i]);
      }
      Lanes sum{};
      for (std::int64_t i = 0; i < pixel; ++i) {
        y[i] = std::exp(x[i] - largest[static_cast<std::size_t>(i % kLanes)]);
        sum[static_cast<std::size_t>(i % kLanes)] += y[i];
      }
      for (std::int64_t i = 0; i < pixel; ++i) y[i] /= sum[static_cast<std::size_t>(i % kLanes)];
    }
  }

 private:
  Shape shape_;
  TensorId input_, output_;
};

/// dx_i = y_i (dy_i − Σ_j y_j dy_j).
class SoftmaxGradient : public Step {
 public:
  struct Tensors {
    TensorId activated, gradient, addend, output;
  };
  SoftmaxGradient(Shape shape, Tensors tensors) : shape_(shape), tensors_(tensors) {}

  std::string_view name() const override { return "softmax, gradient"; }
  void run(Context& context, int block) override {
    const std::int64_t pixel = std::int64_t{shape_.channels} * kLanes;
    for (std::int64_t p = 0; p < std::int64_t{shape_.height} * shape_.width; ++p) {
      const float* const y = context.at(tensors_.activated, block) + p * pixel;
      const float* const dy = context.at(tensors_.gradient, block) + p * pixel;
      float* const dx = context.at(tensors_.output, block) + p * pixel;
      const float* const addend =
          tensors_.addend == kNoTensor ? nullptr : context.at(tensors_.addend, block) + p * pixel;
      Lanes sum{};
      for (std::int64_t i = 0; i < pixel; ++i)
        sum[static_cast<std::size_t>(i % kLanes)] += y[i] * dy[i];
      for (std::int64_t i = 0; i < pixel; ++i) {
        dx[i] = y[i] * (dy[i] - sum[static_cast<std::size_t>(i % kLanes)]) +
                (addend == nullptr ? 0 : addend[i]);
      }
    }
  }

 private:
  Shape shape_;
  Tensors tensors_;
};

}  // namespace

void add_operator(Compiler& compiler, NodeId id, const Softmax&) {
  const NodeId input = compiler.graph().node(id).inputs[0];
  const Shape shape = compiler.graph().shape(id);
  compiler.set_value(id, compiler.add_tensor(id));
  const TensorId from = compiler.value(input);
  // A closing Softmax is part of the cross-entropy, which reads the logits.
  const bool in_loss =
      id == compiler.graph().output() && compiler.options().loss == Loss::kSoftmaxCrossEntropy;
  compiler.add_forward(id, std::make_unique<SoftmaxForward>(shape, from, compiler.value(id)),
                       {from, compiler.value(id)}, in_loss ? When::kInference : When::kAlways);
  compiler.set_backward(id, [&compiler, id, input, shape] {
    const TensorId activated = compiler.value_again(id);
    const TensorId gradient = compiler.gradient(id);
    const auto [addend, output] = compiler.contribute(input);
    compiler.add_step(std::make_unique<SoftmaxGradient>(
                          shape, SoftmaxGradient::Tensors{activated, gradient, addend, output}),
                      {activated, gradient, addend, output}, When::kTraining);
  });
}

}  // namespace thimble::engine
