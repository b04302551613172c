#include "engine/reference_network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace thimble {
namespace {

std::vector<double> wide(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

/// A batch of images with bounds-aware reading.
struct Images {
  Shape shape;
  std::span<const double> values;

  bool inside(int y, int x) const {
    return y >= 0 && x >= 0 && y < shape.height && x < shape.width;
  }
  double at(int n, int y, int x, int c) const {
    const std::int64_t row = (std::int64_t{n} * shape.height + y) * shape.width + x;
    return values[static_cast<std::size_t>(row * shape.channels + c)];
  }
};

double activated(double value, Activation activation) {
  if (activation == Activation::kNone) return value;
  return std::clamp(value, 0.0, activation == Activation::kRelu6 ? 6.0 : HUGE_VAL);
}

class Evaluator {
 public:
  Evaluator(const Graph& graph, const std::vector<ReferenceWeights>& weights,
            std::span<const double> inputs, bool training)
      : graph_(graph), weights_(weights), inputs_(inputs), training_(training) {
    const Shape shape = graph.shape(graph.inputs()[0]);
    samples_ = static_cast<int>(inputs.size()) / static_cast<int>(shape.elements());
  }

  std::vector<std::vector<double>> run() {
    for (NodeId id = 0; id < graph_.size(); ++id) {
      id_ = id;
      node_ = &graph_.node(id);
      weights_of_node_ = &weights_[static_cast<std::size_t>(id)];
      std::visit([&](const auto& op) { tensors_.push_back(compute(op)); }, node_->op);
    }
    return std::move(tensors_);
  }

 private:
  Images input(std::size_t i) const {
    const NodeId id = node_->inputs[i];
    return {graph_.shape(id), tensors_[static_cast<std::size_t>(id)]};
  }

  /// The output tensor out of a function of (sample, row, column, channel).
  template <class F>
  std::vector<double> each(F value) const {
    std::vector<double> result;
    const Shape out = node_->output;
    for (int n = 0; n < samples_; ++n) {
      for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
          for (int c = 0; c < out.channels; ++c) result.push_back(value(n, y, x, c));
        }
      }
    }
    return result;
  }

  /// Calls f(input row, input column, kernel row, kernel column) for the places that a window at
  /// (y, x) sees.
  template <class F>
  static void window(const Images& in, Extent kernel, Extent stride, Extent dilation,
                     Padding padding, int y, int x, F f) {
    const int top =
        padding_before(in.shape.height, kernel.height, stride.height, dilation.height, padding);
    const int left =
        padding_before(in.shape.width, kernel.width, stride.width, dilation.width, padding);
    for (int i = 0; i < kernel.height; ++i) {
      for (int j = 0; j < kernel.width; ++j) {
        const int row = y * stride.height + i * dilation.height - top;
        const int column = x * stride.width + j * dilation.width - left;
        if (in.inside(row, column)) f(row, column, i, j);
      }
    }
  }

  double bias(int c) const {
    return weights_of_node_->bias.empty() ? 0 : weights_of_node_->bias[static_cast<std::size_t>(c)];
  }

  std::vector<double> compute(const Input&) const { return {inputs_.begin(), inputs_.end()}; }

  std::vector<double> compute(const Conv2D& op) const {
    const Images in = input(0);
    return each([&](int n, int y, int x, int c) {
      double sum = bias(c);
      window(in, op.kernel, op.stride, op.dilation, op.padding, y, x,
             [&](int row, int column, int i, int j) {
               for (int k = 0; k < in.shape.channels; ++k) {
                 const int place =
                     ((c * op.kernel.height + i) * op.kernel.width + j) * in.shape.channels + k;
                 sum += in.at(n, row, column, k) *
                        weights_of_node_->kernel[static_cast<std::size_t>(place)];
               }
             });
      return activated(sum, op.activation);
    });
  }

  std::vector<double> compute(const DepthwiseConv2D& op) const {
    const Images in = input(0);
    return each([&](int n, int y, int x, int c) {
      double sum = bias(c);
      window(in, op.kernel, op.stride, op.dilation, op.padding, y, x,
             [&](int row, int column, int i, int j) {
               const int place = (i * op.kernel.width + j) * node_->output.channels + c;
               sum += in.at(n, row, column, c / op.multiplier) *
                      weights_of_node_->kernel[static_cast<std::size_t>(place)];
             });
      return activated(sum, op.activation);
    });
  }

  std::vector<double> compute(const Dense& op) const {
    const Images in = input(0);
    const auto length = static_cast<std::size_t>(in.shape.elements());
    return each([&](int n, int, int, int c) {
      double sum = bias(c);
      for (std::size_t k = 0; k < length; ++k) {
        sum += in.values[static_cast<std::size_t>(n) * length + k] *
               weights_of_node_->kernel[static_cast<std::size_t>(c) * length + k];
      }
      return activated(sum, op.activation);
    });
  }

  std::vector<double> compute(const Pool2D& op) const {
    const Images in = input(0);
    return each([&](int n, int y, int x, int c) {
      double sum = 0;
      double largest = -HUGE_VAL;
      int count = 0;
      window(in, op.window, op.stride, {}, op.padding, y, x, [&](int row, int column, int, int) {
        sum += in.at(n, row, column, c);
        largest = std::max(largest, in.at(n, row, column, c));
        ++count;
      });
      return op.kind == PoolKind::kMax ? largest : sum / count;
    });
  }

  std::vector<double> compute(const GlobalPool& op) const {
    const Images in = input(0);
    return each([&](int n, int, int, int c) {
      double sum = 0;
      double largest = -HUGE_VAL;
      for (int y = 0; y < in.shape.height; ++y) {
        for (int x = 0; x < in.shape.width; ++x) {
          sum += in.at(n, y, x, c);
          largest = std::max(largest, in.at(n, y, x, c));
        }
      }
      return op.kind == PoolKind::kMax ? largest : sum / (in.shape.height * in.shape.width);
    });
  }

  std::vector<double> compute(const Add& op) const {
    return each([&](int n, int y, int x, int c) {
      double sum = 0;
      for (std::size_t i = 0; i < node_->inputs.size(); ++i) sum += input(i).at(n, y, x, c);
      return activated(sum, op.activation);
    });
  }

  std::vector<double> compute(const Concat&) const {
    return each([&](int n, int y, int x, int c) {
      std::size_t i = 0;
      while (c >= input(i).shape.channels) c -= input(i++).shape.channels;
      return input(i).at(n, y, x, c);
    });
  }

  std::vector<double> compute(const Pad& op) const {
    const Images in = input(0);
    return each([&](int n, int y, int x, int c) {
      const int row = y - op.top;
      const int column = x - op.left;
      return in.inside(row, column) ? in.at(n, row, column, c) : 0.0;
    });
  }

  std::vector<double> compute(const Activate& op) const {
    const Images in = input(0);
    return each(
        [&](int n, int y, int x, int c) { return activated(in.at(n, y, x, c), op.function); });
  }

  std::vector<double> compute(const BatchNorm& op) const {
    const Images in = input(0);
    std::vector<double> mean = weights_of_node_->mean;
    std::vector<double> variance = weights_of_node_->variance;
    if (training_) {
      const int count = samples_ * in.shape.height * in.shape.width;
      for (std::size_t c = 0; c < mean.size(); ++c) {
        mean[c] = variance[c] = 0;
        for (std::size_t i = c; i < in.values.size(); i += mean.size()) {
          mean[c] += in.values[i] / count;
        }
        for (std::size_t i = c; i < in.values.size(); i += mean.size()) {
          variance[c] += (in.values[i] - mean[c]) * (in.values[i] - mean[c]) / count;
        }
      }
    }
    return each([&](int n, int y, int x, int channel) {
      const auto c = static_cast<std::size_t>(channel);
      return weights_of_node_->gamma[c] * (in.at(n, y, x, channel) - mean[c]) /
                 std::sqrt(variance[c] + double{op.epsilon}) +
             weights_of_node_->beta[c];
    });
  }

  std::vector<double> compute(const Dropout&) const { return tensors_[at(node_->inputs[0])]; }
  std::vector<double> compute(const Flatten&) const { return tensors_[at(node_->inputs[0])]; }

  std::vector<double> compute(const Softmax&) const {
    const Images in = input(0);
    return each([&](int n, int y, int x, int c) {
      double sum = 0;
      for (int k = 0; k < in.shape.channels; ++k) {
        sum += std::exp(in.at(n, y, x, k) - in.at(n, y, x, c));
      }
      return 1 / sum;
    });
  }

  template <class Other>
  std::vector<double> compute(const Other&) const {
    throw std::logic_error("no operator that is trained");
  }

  const Graph& graph_;
  const std::vector<ReferenceWeights>& weights_;
  std::span<const double> inputs_;
  bool training_;
  int samples_ = 0;
  NodeId id_ = 0;
  const Node* node_ = nullptr;
  const ReferenceWeights* weights_of_node_ = nullptr;
  std::vector<std::vector<double>> tensors_;
};

}  // namespace

std::vector<ReferenceWeights> widened(const Weights& weights) {
  std::vector<ReferenceWeights> result;
  for (const NodeWeights& w : weights) {
    result.push_back({wide(w.kernel), wide(w.bias), wide(w.gamma), wide(w.beta), wide(w.mean),
                      wide(w.variance)});
  }
  return result;
}

std::vector<std::vector<double>> reference_tensors(const Graph& graph,
                                                   const std::vector<ReferenceWeights>& weights,
                                                   std::span<const double> inputs, bool training) {
  return Evaluator(graph, weights, inputs, training).run();
}

double reference_loss(const Graph& graph, const std::vector<ReferenceWeights>& weights,
                      std::span<const double> inputs, std::span<const double> targets,
                      const EngineOptions& options) {
  const auto tensors = reference_tensors(graph, weights, inputs, true);
  NodeId output = graph.output();
  const bool cross_entropy = options.loss == Loss::kSoftmaxCrossEntropy;
  if (cross_entropy && std::holds_alternative<Softmax>(graph.node(output).op)) {
    output = graph.node(output).inputs[0];
  }
  const std::vector<double>& values = tensors[static_cast<std::size_t>(output)];
  const auto classes = static_cast<std::size_t>(graph.shape(output).elements());
  const std::size_t samples = values.size() / classes;
  const double smoothing = double{options.label_smoothing};
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (cross_entropy) {
      const std::size_t first = i / classes * classes;
      double denominator = 0;
      for (std::size_t k = 0; k < classes; ++k) denominator += std::exp(values[first + k]);
      const double target = (1 - smoothing) * targets[i] + smoothing / static_cast<double>(classes);
      sum -= target * (values[i] - std::log(denominator));
    } else if (options.loss == Loss::kSigmoidBinaryCrossEntropy) {
      const double target = (1 - smoothing) * targets[i] + smoothing / 2;
      const double probability = 1 / (1 + std::exp(-values[i]));
      sum -= target * std::log(probability) + (1 - target) * std::log(1 - probability);
    } else {
      sum += (values[i] - targets[i]) * (values[i] - targets[i]) / static_cast<double>(classes);
    }
  }
  return sum / static_cast<double>(samples);
}

}  // namespace thimble
