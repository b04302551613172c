#include <algorithm>
#include <cmath>

#include "operators.hpp"
#include "thimble/core/error.hpp"

namespace thimble::engine {
namespace {

/// The loss of each sample and its gradient by the network's outputs, divided by the number of
/// samples.
class LossStep : public Step {
 public:
  LossStep(const EngineOptions& options, std::int64_t outputs, TensorId values, TensorId gradient)
      : loss_(options.loss),
        smoothing_(options.label_smoothing),
        outputs_(outputs),
        values_(values),
        gradient_(gradient) {}

  std::string_view name() const override { return "loss"; }
  void run(Context& context, int block) override {
    const float* const values = context.at(values_, block);
    float* const gradient = context.at(gradient_, block);
    const int first = block * kLanes;
    const int samples = std::min(kLanes, context.batch.samples - first);
    if (samples < kLanes) std::fill_n(gradient, outputs_ * kLanes, 0.0F);
    double& loss = context.losses[static_cast<std::size_t>(context.shard_of(block))];
    for (int lane = 0; lane < samples; ++lane) {
      const Sample sample{context.batch, first + lane};
      loss += of_sample(sample, values + lane, gradient + lane);
    }
  }

 private:
  struct Sample {
    const Batch& batch;
    std::int64_t index;
  };

  /// The target of output i, before smoothing.
  float target(const Sample& sample, std::int64_t i) const {
    if (sample.batch.labels.empty()) {
      return sample.batch.targets[static_cast<std::size_t>(sample.index * outputs_ + i)];
    }
    const std::int32_t label = sample.batch.labels[static_cast<std::size_t>(sample.index)];
    if (loss_ == Loss::kSigmoidBinaryCrossEntropy) return static_cast<float>(label);
    return label == i ? 1.0F : 0.0F;
  }

  /// `values` and `gradient` are one lane: output i is at i · kLanes.
  double of_sample(const Sample& sample, const float* values, float* gradient) const {
    switch (loss_) {
      case Loss::kSoftmaxCrossEntropy:
        return softmax_cross_entropy(sample, values, gradient);
      case Loss::kSigmoidBinaryCrossEntropy:
        return binary_cross_entropy(sample, values, gradient);
      case Loss::kMeanSquaredError:
        break;
    }
    return squared_error(sample, values, gradient);
  }

  double softmax_cross_entropy(const Sample& sample, const float* values, float* gradient) const {
    const float share = 1.0F / static_cast<float>(sample.batch.samples);
    float largest = values[0];
    for (std::int64_t i = 1; i < outputs_; ++i) largest = std::max(largest, values[i * kLanes]);
    double sum = 0;
    for (std::int64_t i = 0; i < outputs_; ++i) {
      const float e = std::exp(values[i * kLanes] - largest);
      gradient[i * kLanes] = e;
      sum += double{e};
    }
    const double log_sum = std::log(sum) + double{largest};
    const float uniform = smoothing_ / static_cast<float>(outputs_);
    double loss = 0;
    float total = 0;
    for (std::int64_t i = 0; i < outputs_; ++i) total += target(sample, i);
    total = total * (1 - smoothing_) + smoothing_;
    for (std::int64_t i = 0; i < outputs_; ++i) {
      const float t = target(sample, i) * (1 - smoothing_) + uniform;
      loss += double{t} * (log_sum - double{values[i * kLanes]});
      gradient[i * kLanes] =
          (total * static_cast<float>(double{gradient[i * kLanes]} / sum) - t) * share;
    }
    return loss;
  }

  double binary_cross_entropy(const Sample& sample, const float* values, float* gradient) const {
    const double x = double{values[0]};
    const double t = double{target(sample, 0) * (1 - smoothing_) + smoothing_ / 2};
    // log(1 + e^x) without overflow.
    const double softplus = std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    gradient[0] = static_cast<float>((1 / (1 + std::exp(-x)) - t) / sample.batch.samples);
    return softplus - t * x;
  }

  double squared_error(const Sample& sample, const float* values, float* gradient) const {
    const float factor =
        2.0F / (static_cast<float>(outputs_) * static_cast<float>(sample.batch.samples));
    double sum = 0;
    for (std::int64_t i = 0; i < outputs_; ++i) {
      const float difference = values[i * kLanes] - target(sample, i);
      sum += double{difference} * double{difference};
      gradient[i * kLanes] = factor * difference;
    }
    return sum / static_cast<double>(outputs_);
  }

  Loss loss_;
  float smoothing_;
  std::int64_t outputs_;
  TensorId values_, gradient_;
};

void check_output(const Graph& graph, NodeId output, Loss loss) {
  const Shape shape = graph.shape(output);
  const auto reject = [&](std::string_view wanted) {
    raise<ModelError>("node {} {}: output = {}: {}", output, op_name(graph.node(output).op),
                      to_string(shape), wanted);
  };
  if (loss == Loss::kSoftmaxCrossEntropy && shape.elements() != shape.channels) {
    reject("softmax cross-entropy needs one pixel, a channel for each class");
  }
  if (loss == Loss::kSigmoidBinaryCrossEntropy && shape.elements() != 1) {
    reject("binary cross-entropy needs a single logit");
  }
}

}  // namespace

void add_loss(Compiler& compiler, NodeId output) {
  const Graph& graph = compiler.graph();
  const EngineOptions& options = compiler.options();
  check_output(graph, output, options.loss);
  const bool closing_softmax = std::holds_alternative<Softmax>(graph.node(output).op);
  const NodeId logits = options.loss == Loss::kSoftmaxCrossEntropy && closing_softmax
                            ? graph.node(output).inputs[0]
                            : output;
  const TensorId gradient = compiler.add_tensor(logits);
  compiler.add_step(std::make_unique<LossStep>(options, graph.shape(logits).elements(),
                                               compiler.value(logits), gradient),
                    {compiler.value(logits), gradient}, When::kTraining);
  compiler.pass_gradient(logits, gradient);
}

}  // namespace thimble::engine
