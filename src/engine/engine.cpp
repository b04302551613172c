#include "thimble/engine/engine.hpp"

#include <algorithm>
#include <numeric>

#include "compiler.hpp"
#include "executor.hpp"
#include "initial_values.hpp"
#include "thimble/core/error.hpp"
#include "transpose.hpp"

namespace thimble {
namespace {

using engine::Batch;
using engine::Compiler;
using engine::Context;
using engine::kLanes;
using engine::ParameterLayout;
using engine::Parameters;
using engine::Plan;
using engine::PlannedStep;

void check(const EngineOptions& options, const OptimiserOptions& optimiser) {
  const auto fraction = [](std::string_view name, float value) {
    if (!(value >= 0 && value < 1)) {
      raise<ConfigError>("engine: {} = {}: must be in [0, 1)", name, value);
    }
  };
  if (options.batch < 1)
    raise<ConfigError>("engine: batch = {}: must be at least 1", options.batch);
  if (options.shards < 1 || options.shards > engine::kMostShards) {
    raise<ConfigError>("engine: shards = {}: must be in 1..{}", options.shards,
                       engine::kMostShards);
  }
  if (options.threads < 1)
    raise<ConfigError>("engine: threads = {}: must be at least 1", options.threads);
  fraction("label_smoothing", options.label_smoothing);
  fraction("batch_norm_momentum", options.batch_norm_momentum);
  fraction("momentum", optimiser.momentum);
  fraction("beta1", optimiser.beta1);
  fraction("beta2", optimiser.beta2);
  if (!(optimiser.epsilon > 0)) {
    raise<ConfigError>("engine: epsilon = {}: must be above 0", optimiser.epsilon);
  }
  if (!(optimiser.weight_decay >= 0)) {
    raise<ConfigError>("engine: weight_decay = {}: must be 0 or more", optimiser.weight_decay);
  }
}

}  // namespace

struct Engine::Impl {
  Impl(Graph of, const EngineOptions& with, const OptimiserOptions& by)
      : graph(std::move(of)),
        options(with),
        parameters(graph, by),
        plan(Compiler(graph, options, parameters.layout()).compile()),
        team(std::min(options.threads, plan.shards())),
        memory(parameters.layout().memory(by) + plan.arena_size() + plan.other_memory()),
        arena(plan.arena_size().value / std::int64_t{sizeof(float)}),
        input_elements(graph.shape(graph.inputs()[0]).elements()),
        output_elements(graph.shape(graph.output()).elements()) {
    context.plan = &plan;
    context.arena = arena.data();
    context.parameters = &parameters;
  }

  /// How many samples `inputs` holds. Throws DataError when that is no whole number.
  int samples_in(std::span<const float> inputs) const {
    const auto elements = static_cast<std::size_t>(input_elements);
    if (inputs.size() % elements != 0) {
      raise<DataError>("engine: inputs = {} numbers: must be a multiple of a sample's {}",
                       inputs.size(), elements);
    }
    return static_cast<int>(inputs.size() / elements);
  }

  void set_batch(const Batch& batch) {
    context.batch = batch;
    context.shards = std::min(plan.shards(), batch.blocks());
    context.losses.fill(0);
    const int in_last = batch.samples - (batch.blocks() - 1) * kLanes;
    for (int lane = 0; lane < kLanes; ++lane)
      context.last_mask[lane] = lane < in_last ? 1.0F : 0.0F;
  }

  void set_training_batch(const Batch& batch) {
    if (batch.samples < 1 || batch.samples > options.batch) {
      raise<DataError>("engine: samples = {}: a step takes 1 to {}", batch.samples, options.batch);
    }
    set_batch(batch);
  }

  double train(const Batch& batch, float learning_rate) {
    set_training_batch(batch);
    engine::run_training(plan, context, team);
    parameters.update(learning_rate);
    ++steps;
    return std::accumulate(context.losses.begin(), context.losses.end(), 0.0) / batch.samples;
  }

  std::vector<StepProfile> profile(Batch batch, int count) {
    std::vector<StepProfile> profile = engine::empty_profile(plan, graph, batch);
    for (int i = 0; i < count; ++i) {
      batch.step = steps++;
      set_training_batch(batch);
      engine::run_profiled(plan, context, profile);
    }
    for (StepProfile& step : profile) step.seconds /= count;
    return profile;
  }

  /// Inference on `inputs`, at most `at_once` samples at a time; after(first sample, step, block).
  template <class After>
  void infer(std::span<const float> inputs, int at_once, const After& after) {
    const int samples = samples_in(inputs);
    for (int first = 0; first < samples; first += at_once) {
      const int count = std::min(at_once, samples - first);
      Batch batch;
      batch.samples = count;
      batch.inputs = inputs.subspan(static_cast<std::size_t>(first * input_elements),
                                    static_cast<std::size_t>(count * input_elements));
      set_batch(batch);
      engine::run_inference(plan, context, [&](const PlannedStep& step, int block) {
        if (step.node >= 0) after(first, step, block);
      });
    }
  }

  Graph graph;
  EngineOptions options;
  Parameters parameters;
  Plan plan;
  engine::Team team;
  Bytes memory;
  engine::AlignedFloats arena;
  Context context;
  std::int64_t input_elements;  // of a sample
  std::int64_t output_elements;
  std::uint64_t steps = 0;
};

Engine::Engine(Graph graph, EngineOptions options, OptimiserOptions optimiser) {
  check(options, optimiser);
  impl_ = std::make_unique<Impl>(std::move(graph), options, optimiser);
  Weights weights = impl_->parameters.get(impl_->graph);
  for (NodeWeights& node : weights) {
    std::ranges::fill(node.gamma, 1.0F);
    std::ranges::fill(node.variance, 1.0F);
  }
  impl_->parameters.set(impl_->graph, weights);
}

Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Bytes Engine::memory() const { return impl_->memory; }

Bytes Engine::required_memory(const Graph& graph, const EngineOptions& options,
                              const OptimiserOptions& optimiser) {
  check(options, optimiser);
  const ParameterLayout layout(graph);
  const Plan plan = Compiler(graph, options, layout).compile();
  return layout.memory(optimiser) + plan.arena_size() + plan.other_memory();
}

const Graph& Engine::graph() const { return impl_->graph; }

void Engine::initialise(Rng& rng) {
  Weights weights = impl_->parameters.get(impl_->graph);
  engine::set_initial_values(impl_->graph, weights, rng);
  impl_->parameters.set(impl_->graph, weights);
  impl_->parameters.reset_optimiser();
}

void Engine::set_weights(const Weights& weights) { impl_->parameters.set(impl_->graph, weights); }
Weights Engine::weights() const { return impl_->parameters.get(impl_->graph); }
Weights Engine::ema_weights() const { return impl_->parameters.averages(impl_->graph); }
Weights Engine::gradients() const { return impl_->parameters.gradients(impl_->graph); }

void Engine::enable_ema(float decay) {
  if (!(decay >= 0 && decay < 1)) {
    raise<ConfigError>("engine: average's decay = {}: must be in [0, 1)", decay);
  }
  impl_->parameters.enable_average(decay);
}

double Engine::train_step(std::span<const float> inputs, std::span<const std::int32_t> labels,
                          float learning_rate) {
  const int samples = impl_->samples_in(inputs);
  const Loss loss = impl_->options.loss;
  if (loss == Loss::kMeanSquaredError) {
    raise<DataError>("engine: labels: the mean squared error takes targets");
  }
  if (labels.size() != static_cast<std::size_t>(samples)) {
    raise<DataError>("engine: labels = {}: must be as many as the samples, {}", labels.size(),
                     samples);
  }
  const std::int64_t classes =
      loss == Loss::kSigmoidBinaryCrossEntropy ? 2 : impl_->output_elements;
  for (const std::int32_t label : labels) {
    if (label < 0 || label >= classes) {
      raise<DataError>("engine: label = {}: must be in 0 … {}", label, classes - 1);
    }
  }
  return impl_->train({.samples = samples,
                       .inputs = inputs,
                       .labels = labels,
                       .targets = {},
                       .step = impl_->steps,
                       .training = true},
                      learning_rate);
}

double Engine::train_step(std::span<const float> inputs, std::span<const float> targets,
                          float learning_rate) {
  const int samples = impl_->samples_in(inputs);
  if (targets.size() != static_cast<std::size_t>(samples * impl_->output_elements)) {
    raise<DataError>("engine: targets = {} numbers: {} samples need {} each", targets.size(),
                     samples, impl_->output_elements);
  }
  return impl_->train({.samples = samples,
                       .inputs = inputs,
                       .labels = {},
                       .targets = targets,
                       .step = impl_->steps,
                       .training = true},
                      learning_rate);
}

std::vector<StepProfile> Engine::profile(std::span<const float> inputs,
                                         std::span<const float> targets, int steps) {
  return impl_->profile({.samples = impl_->samples_in(inputs),
                         .inputs = inputs,
                         .labels = {},
                         .targets = targets,
                         .training = true},
                        steps);
}

void Engine::predict(std::span<const float> inputs, std::span<float> outputs) {
  const std::int64_t elements = impl_->output_elements;
  if (outputs.size() != static_cast<std::size_t>(impl_->samples_in(inputs) * elements)) {
    raise<DataError>("engine: outputs = {} numbers: {} samples need {} each", outputs.size(),
                     impl_->samples_in(inputs), elements);
  }
  const engine::TensorId output = impl_->plan.output();
  impl_->infer(inputs, impl_->options.batch, [&](int first, const PlannedStep& step, int block) {
    if (step.output != output) return;
    const int sample = first + block * kLanes;
    const int count = std::min(kLanes, impl_->context.batch.samples - block * kLanes);
    engine::lanes_to_rows(impl_->context.at(step.output, block), count, elements,
                          outputs.data() + sample * elements);
  });
}

void Engine::observe(std::span<const float> inputs, const Observer& observe) {
  std::vector<float> values;
  impl_->infer(inputs, std::min(kLanes, impl_->options.batch),
               [&](int, const PlannedStep& step, int block) {
                 const std::int64_t elements = impl_->graph.shape(step.node).elements();
                 const int count = impl_->context.batch.samples;
                 values.resize(static_cast<std::size_t>(count * elements));
                 engine::lanes_to_rows(impl_->context.at(step.output, block), count, elements,
                                       values.data());
                 observe(step.node, values);
               });
}

}  // namespace thimble
