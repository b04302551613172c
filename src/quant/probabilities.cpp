#include "thimble/quant/probabilities.hpp"

#include <algorithm>
#include <cmath>

#include "thimble/core/error.hpp"
#include "thimble/quant/scales.hpp"

namespace thimble {
namespace {

void append_softmax(std::span<const float> logits, std::vector<float>& out) {
  const float largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(double{logit} - largest);
  for (const float logit : logits) {
    out.push_back(static_cast<float>(std::exp(double{logit} - largest) / sum));
  }
}

}  // namespace

std::vector<float> class_probabilities(const QuantizedModel& model,
                                       std::span<const std::int8_t> answers) {
  const NodeId last = model.graph.output();
  const Op& op = model.graph.node(last).op;
  const auto outputs = static_cast<std::size_t>(model.graph.shape(last).elements());
  THIMBLE_ASSERT(answers.size() % outputs == 0);
  const std::vector<float> values =
      dequantise(answers, model.activations[static_cast<std::size_t>(last)]);
  std::vector<float> out;
  if (outputs == 1) {
    const auto* apply = std::get_if<Apply>(&op);
    const bool is_probability = apply != nullptr && apply->function == Function::kLogistic;
    for (const float value : values) {
      const double p = is_probability ? double{value} : 1 / (1 + std::exp(-double{value}));
      out.push_back(static_cast<float>(1 - p));
      out.push_back(static_cast<float>(p));
    }
    return out;
  }
  if (std::holds_alternative<Softmax>(op)) return values;
  for (std::size_t at = 0; at < values.size(); at += outputs) {
    append_softmax(std::span(values).subspan(at, outputs), out);
  }
  return out;
}

}  // namespace thimble
