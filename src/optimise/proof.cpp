#include "thimble/optimise/proof.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "thimble/core/rng.hpp"
#include "thimble/quant/int8_interpreter.hpp"

namespace thimble {

std::vector<std::int8_t> probing_inputs(const QuantizedModel& model, int random) {
  constexpr std::int8_t kLow = -128;
  constexpr std::int8_t kHigh = 127;
  const NodeId input = model.graph.inputs().at(0);
  const auto size = static_cast<std::size_t>(model.graph.shape(input).elements());
  const auto zero =
      static_cast<std::int8_t>(model.activations[static_cast<std::size_t>(input)].zero_point);
  std::vector<std::int8_t> inputs;
  for (const std::int8_t value : {kLow, kHigh, zero}) inputs.insert(inputs.end(), size, value);
  for (std::size_t i = 0; i < size; ++i) inputs.push_back(i % 2 == 0 ? kLow : kHigh);
  Rng rng(0);
  const std::size_t end = inputs.size() + static_cast<std::size_t>(random) * size;
  while (inputs.size() < end) {
    inputs.push_back(static_cast<std::int8_t>(rng.uniform_int(kLow, kHigh)));
  }
  return inputs;
}

std::optional<std::string> first_difference(const QuantizedModel& a, const QuantizedModel& b,
                                            const std::vector<std::int8_t>& inputs) {
  Int8Interpreter first(a);
  Int8Interpreter second(b);
  const auto size = static_cast<std::size_t>(first.output_elements());
  if (first.input_elements() != second.input_elements()) return "the inputs differ in size";
  if (first.output_elements() != second.output_elements()) return "the outputs differ in size";
  if (first.input_params() != second.input_params()) return "the inputs differ in scale";
  if (first.output_params() != second.output_params()) return "the outputs differ in scale";
  const std::vector<std::int8_t> expected = first.run(inputs);
  const std::vector<std::int8_t> found = second.run(inputs);
  const auto [there, here] = std::ranges::mismatch(expected, found);
  if (there == expected.end()) return std::nullopt;
  const auto byte = static_cast<std::size_t>(there - expected.begin());
  return fmt::format("input {}: byte {} of the output is {} instead of {}", byte / size,
                     byte % size, int{*here}, int{*there});
}

}  // namespace thimble
