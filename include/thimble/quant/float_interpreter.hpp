#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "thimble/graph/model.hpp"

namespace thimble {

/// Runs a deployed graph in float, sixteen samples side by side. Sums are taken in one fixed order
/// without fused multiply-adds, so every machine gets the same bits. Not thread-safe: one for each
/// thread.
class FloatInterpreter {
 public:
  /// Samples that are computed side by side.
  static constexpr int kLanes = 16;

  /// Keeps a reference to nothing: graph and weights are copied. Throws ModelError when the weights
  /// do not fit the graph, the graph is not deployed, or it has not exactly one input and one
  /// output.
  explicit FloatInterpreter(const Model& deployed);
  ~FloatInterpreter();
  FloatInterpreter(FloatInterpreter&&) noexcept;
  FloatInterpreter& operator=(FloatInterpreter&&) noexcept;

  std::int64_t input_elements() const;
  std::int64_t output_elements() const;

  /// inputs [n, H, W, C] → outputs [n, …], for any n. Throws DataError when the lengths are no such
  /// multiples.
  void run(std::span<const float> inputs, std::span<float> outputs);

  /// Called for each node and each group of samples with what the node computed: element e of
  /// sample s of the group at values[e · kLanes + s], elements in H, W, C order, samples 0 … count
  /// − 1.
  using Observer = std::function<void(NodeId node, std::span<const float> values, int count)>;
  void observe(std::span<const float> inputs, const Observer& observer);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thimble
