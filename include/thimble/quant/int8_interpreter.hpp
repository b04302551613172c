#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "thimble/quant/quantized_model.hpp"
#include "thimble/quant/scales.hpp"

namespace thimble {

/// Runs a quantised network and yields, byte for byte, what TensorFlow Lite Micro's reference
/// kernels do. Sixteen samples are computed side by side, as the lanes of vectors; integers do not
/// care about order, so every machine gets the same bytes. Not thread-safe: one for each thread.
class Int8Interpreter {
 public:
  /// Copies what it needs. Throws ModelError as `check_quantized` does, and for a network that has
  /// not exactly one input and one output.
  explicit Int8Interpreter(const QuantizedModel& model);
  ~Int8Interpreter();
  Int8Interpreter(Int8Interpreter&&) noexcept;
  Int8Interpreter& operator=(Int8Interpreter&&) noexcept;

  std::int64_t input_elements() const;
  std::int64_t output_elements() const;
  QuantParams input_params() const;
  QuantParams output_params() const;

  /// inputs [n, H, W, C] → outputs [n, …], for any n. Throws DataError when the lengths are no such
  /// multiples.
  void run(std::span<const std::int8_t> inputs, std::span<std::int8_t> outputs);
  std::vector<std::int8_t> run(std::span<const std::int8_t> inputs);

  /// Every tensor that one sample makes, by node id, each in H, W, C order.
  std::vector<std::vector<std::int8_t>> trace(std::span<const std::int8_t> input);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The class of each sample of outputs [n, classes]: the largest value, the first of equals. With a
/// single output it is class 1 where the real value is above 0 (a logit), which is q > zero_point.
std::vector<int> predicted_classes(std::span<const std::int8_t> outputs, int classes,
                                   QuantParams params);

}  // namespace thimble
