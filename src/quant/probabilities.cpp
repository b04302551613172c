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

/// log p of each class: of the likeliest −log(1 + Σ of the others' e^(x − its x)), which says how
/// little is left to 1 where p itself would be 1.
void append_log_softmax(std::span<const double> logits, std::vector<double>& out) {
  const auto largest = std::ranges::max_element(logits);
  double others = 0;
  for (auto at = logits.begin(); at != logits.end(); ++at) {
    if (at != largest) others += std::exp(*at - *largest);
  }
  const double log_sum = std::log1p(others);
  for (const double logit : logits) out.push_back(logit - *largest - log_sum);
}

/// The logarithm of what may be 0 in int8.
double log_of(double probability, QuantParams params) {
  return std::log(std::max(probability, double{params.scale} / 2));
}

bool is_logistic(const Op& op) {
  const auto* apply = std::get_if<Apply>(&op);
  return apply != nullptr && apply->function == Function::kLogistic;
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
    const bool is_probability = is_logistic(op);
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

std::vector<double> class_log_probabilities(const QuantizedModel& model,
                                            std::span<const std::int8_t> answers) {
  const NodeId last = model.graph.output();
  const Op& op = model.graph.node(last).op;
  const QuantParams params = model.activations[static_cast<std::size_t>(last)];
  const auto outputs = static_cast<std::size_t>(model.graph.shape(last).elements());
  THIMBLE_ASSERT(answers.size() % outputs == 0);
  const bool probabilities = std::holds_alternative<Softmax>(op) || is_logistic(op);
  std::vector<double> out;
  std::vector<double> values;
  for (std::size_t at = 0; at < answers.size(); at += outputs) {
    values.clear();
    if (outputs == 1 && !probabilities) values.push_back(0);  // the logit of class 0
    for (const std::int8_t code : answers.subspan(at, outputs)) {
      values.push_back(double{params.scale} * (int{code} - params.zero_point));
    }
    if (!probabilities) {
      append_log_softmax(values, out);
      continue;
    }
    if (outputs == 1) out.push_back(log_of(1 - values[0], params));
    for (const double value : values) out.push_back(log_of(value, params));
  }
  return out;
}

}  // namespace thimble
