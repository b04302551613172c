#pragma once

#include "thimble/data/dataset.hpp"
#include "thimble/graph/model.hpp"
#include "thimble/quant/quantise.hpp"

namespace thimble {

/// How many training samples the ranges of the activations are taken from.
inline constexpr std::size_t kCalibrationSamples = 512;

/// The trained network in int8: deployed (batch norm folded) with its operators in the order of the
/// smallest peak RAM when `order` says so (ids of the deployed graph; empty: as it is), ranges from
/// the first `kCalibrationSamples` samples of the training split, not augmented.
QuantizedModel quantised(const Model& trained, const Dataset& dataset,
                         std::span<const NodeId> order, const QuantiseOptions& options = {});

/// The share of samples that the int8 network, run by the bit-exact interpreter, classifies
/// rightly, in [0, 1].
double int8_accuracy(const QuantizedModel& model, const Samples& samples,
                     const Normalisation& normalisation);

}  // namespace thimble
