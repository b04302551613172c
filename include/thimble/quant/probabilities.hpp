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

}  // namespace thimble
