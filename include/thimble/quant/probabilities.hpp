#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "thimble/quant/quantized_model.hpp"

namespace thimble {

/// The probabilities of the classes that a network's answers [n, outputs] say, [n, classes]: what a
/// softmax gives as it is, what is not one through the softmax of its real values. A single output
/// is a logit (through the logistic function unless the network ends in one): of class 1, class 0
/// having the rest.
std::vector<float> class_probabilities(const QuantizedModel& model,
                                       std::span<const std::int8_t> answers);

/// Their natural logarithms, [n, classes], in double and from the integers, so that answers which
/// differ are told apart however sure they are: p = 0.99999999 and more by what is left to 1. A
/// probability that int8 has as 0 counts as half a step.
std::vector<double> class_log_probabilities(const QuantizedModel& model,
                                            std::span<const std::int8_t> answers);

}  // namespace thimble
