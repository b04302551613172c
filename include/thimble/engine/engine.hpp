#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "thimble/core/rng.hpp"
#include "thimble/core/units.hpp"
#include "thimble/graph/model.hpp"

namespace thimble {

enum class Loss {
  /// Over the channels of a 1×1×K output; a Softmax that ends the network is part of the loss.
  kSoftmaxCrossEntropy,
  /// One output, a logit; labels are 0 or 1.
  kSigmoidBinaryCrossEntropy,
  /// The mean over the output's elements of (output − target)².
  kMeanSquaredError,
};

/// Of numbers in memory: 24 significant bits in 4 bytes, or 8 in 2 with the same range.
enum class Precision { kSingle, kBfloat16 };

struct EngineOptions {
  /// The largest number of samples in a step; memory grows with it, rounded up to a multiple of 16.
  int batch = 128;
  Loss loss = Loss::kSoftmaxCrossEntropy;
  /// Target t becomes (1 − s) t + s / K (cross-entropies only; K = 2 for the binary one); in [0,
  /// 1).
  float label_smoothing = 0;
  /// running = momentum · running + (1 − momentum) · batch, as in Keras; in [0, 1).
  float batch_norm_momentum = 0.9F;
  /// Dropout draws from this seed, the number of the step and the place of the value, and from
  /// nothing else.
  std::uint64_t dropout_seed = 0;
  /// Parts of a batch whose sums are taken apart and then added in order, 1 to 64; no more than
  /// there are blocks of 16 samples. Another number of them is another rounding; memory grows with
  /// it.
  int shards = 1;
  /// Threads that share the work, at most one a shard. The results are the same bits for any
  /// number.
  int threads = 1;
  /// How values and gradients are kept until batch norm, which must have seen the whole batch,
  /// comes back to them: nearly all the memory of a convolutional network. Only what nothing but
  /// batch norm reads is rounded; all arithmetic is in single precision.
  Precision kept = Precision::kSingle;
};

enum class OptimiserKind { kSgdMomentum, kAdamW };

/// Weight decay is decoupled, w −= learning_rate · weight_decay · w, and spares biases and batch
/// norm.
struct OptimiserOptions {
  OptimiserKind kind = OptimiserKind::kSgdMomentum;
  /// SGD: v = momentum · v + g, w −= learning_rate · v (Nesterov: g + momentum · v), as in PyTorch.
  float momentum = 0.9F;
  bool nesterov = false;
  /// AdamW (Loshchilov & Hutter 2019, Algorithm 2), bias-corrected.
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float epsilon = 1e-8F;
  float weight_decay = 0;
};

/// What one step of the plan took in `Engine::profile`, per training step.
struct StepProfile {
  std::string name;  ///< "convolution, kernel gradient"
  NodeId node = -1;  ///< that it computes, or the gradients of; −1: the optimiser's update
  double seconds = 0;
  double macs = 0;   ///< multiply-accumulates of convolutions and dense layers, else 0
  double bytes = 0;  ///< of the activations and gradients that it reads and writes
};

/// Trains one network. The graph is compiled once into a static plan: a list of steps,
/// each working on 16 images at a time (the vector), and one arena in which every tensor has its
/// place; a training step allocates nothing. The same seed, data, options and calls give the same
/// bits, on any number of threads and whatever runs beside it.
///
/// Samples lie one after another, each [H, W, C]; the network has one Input and one output.
/// Not for use by two threads at once; two engines share nothing.
class Engine {
 public:
  /// Batch norm trains with biased batch statistics and keeps the unbiased variance in its running
  /// average, as Keras and PyTorch do. All weights are zero at first, gamma and running variance
  /// one. Throws ModelError naming the operator, or the output that does not suit the loss;
  /// ConfigError for an option.
  explicit Engine(Graph graph, EngineOptions options = {}, OptimiserOptions optimiser = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// What an engine allocates; `required_memory` knows it without allocating. Throws as the
  /// constructor does.
  Bytes memory() const;
  static Bytes required_memory(const Graph& graph, const EngineOptions& options = {},
                               const OptimiserOptions& optimiser = {});

  const Graph& graph() const;

  /// Kernels normal with variance 2 / fan_in where a ReLU follows (He et al. 2015), 1 / fan_in
  /// elsewhere; biases and beta 0, gamma 1, running mean 0 and variance 1. Clears the optimiser's
  /// state and the averages.
  void initialise(Rng& rng);

  /// Layouts of graph/model.hpp. Throws ModelError when they do not fit. The optimiser's state
  /// stays.
  void set_weights(const Weights& weights);
  Weights weights() const;

  /// From now on keeps average = decay · average + (1 − decay) · weight after every step, beginning
  /// at the present weights. `decay` in [0, 1).
  void enable_ema(float decay);
  /// The averages; batch norm's running statistics as they are. Equals `weights()` when not
  /// enabled.
  Weights ema_weights() const;

  /// One step of the optimiser on up to `batch` samples; returns the mean loss before it (smoothed
  /// labels included, weight decay not). Fewer samples than `batch` are exact, not padded. Throws
  /// DataError for a label out of range or spans that do not fit each other, before anything
  /// changes. A loss that is not finite is returned as it is; the weights are then worth nothing.
  double train_step(std::span<const float> inputs, std::span<const std::int32_t> labels,
                    float learning_rate);
  /// Targets [n, outputs]: values for the squared error, probabilities for the cross-entropies
  /// (soft labels).
  double train_step(std::span<const float> inputs, std::span<const float> targets,
                    float learning_rate);

  /// Takes `steps` training steps with a learning rate of 0 on one thread and tells where the time
  /// went, in the order of the plan. Running statistics, momentum and averages move.
  std::vector<StepProfile> profile(std::span<const float> inputs, std::span<const float> targets,
                                   int steps);

  /// Inference: running statistics, no dropout. Any number of samples n; `outputs` holds n × the
  /// output's elements. A closing Softmax is applied; without one, and for the binary
  /// cross-entropy, these are logits.
  void predict(std::span<const float> inputs, std::span<float> outputs);

  /// Inference that shows every node's tensor, for calibration: calls `observe(node, values)` for
  /// each node in order of execution, 16 samples (at the end fewer) at a time, values [n, H, W, C]
  /// and valid during the call. An operator whose only reader is an Activate is shown with that
  /// applied; the Activate, like Flatten, is then not shown itself.
  using Observer = std::function<void(NodeId, std::span<const float>)>;
  void observe(std::span<const float> inputs, const Observer& observe);

  /// The gradients of the last training step's loss (weight decay not included), in the shapes of
  /// `weights()`; mean and variance are empty.
  Weights gradients() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace thimble
