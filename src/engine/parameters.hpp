#pragma once

#include <cstdint>
#include <vector>

#include "thimble/engine/engine.hpp"

namespace thimble::engine {

/// Memory in whole lines, aligned to them.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  explicit AlignedFloats(std::int64_t size);
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(float* data) const;
  };
  std::unique_ptr<float[], Free> data_;
};

/// Where a node's numbers begin in the flat arrays; −1 where it has none.
struct ParameterPlace {
  std::int64_t kernel = -1;
  std::int64_t bias = -1;
  std::int64_t gamma = -1;
  std::int64_t beta = -1;
  std::int64_t mean = -1;  // in `statistics`
  std::int64_t variance = -1;
};

/// Where all nodes' numbers are. Kernels stand first, for weight decay concerns them alone; each
/// array begins a line.
struct ParameterLayout {
  explicit ParameterLayout(const Graph& graph);

  std::vector<ParameterPlace> places;  // by node
  std::int64_t decayed = 0;            // floats that weight decay concerns
  std::int64_t trained = 0;            // all floats that the optimiser changes
  std::int64_t statistics = 0;

  /// Of the parameters, their gradients, the optimiser's state and the average.
  Bytes memory(const OptimiserOptions& optimiser) const;
};

/// All numbers of a network in training, each kind one flat array.
class Parameters {
 public:
  Parameters(const Graph& graph, const OptimiserOptions& optimiser);

  const ParameterLayout& layout() const { return layout_; }
  float* values(std::int64_t place) { return values_.data() + place; }
  float* gradients(std::int64_t place) { return gradients_.data() + place; }
  float* statistics(std::int64_t place) { return statistics_.data() + place; }

  void set(const Graph& graph, const Weights& weights);
  Weights get(const Graph& graph) const { return exported(graph, values_); }
  Weights averages(const Graph& graph) const;
  Weights gradients(const Graph& graph) const;

  /// Applies the gradients.
  void update(float learning_rate);
  void enable_average(float decay);
  /// Forgets momentum and moments; the average, if any, begins anew at the present values.
  void reset_optimiser();

 private:
  Weights exported(const Graph& graph, const AlignedFloats& source) const;

  ParameterLayout layout_;
  OptimiserOptions optimiser_;
  AlignedFloats values_;
  AlignedFloats gradients_;
  AlignedFloats statistics_;
  AlignedFloats first_moment_;   // SGD's velocity, Adam's m
  AlignedFloats second_moment_;  // Adam's v
  AlignedFloats average_;
  bool averaging_ = false;
  float average_decay_ = 0;
  std::int64_t updates_ = 0;
};

}  // namespace thimble::engine
