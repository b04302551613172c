#pragma once

#include <optional>
#include <span>
#include <vector>

#include "thimble/data/dataset.hpp"
#include "thimble/graph/model.hpp"
#include "thimble/metrics/answers.hpp"
#include "thimble/quant/quantise.hpp"
#include "thimble/train/recipe.hpp"

namespace thimble {

/// How many training samples the ranges of the activations are taken from.
inline constexpr std::size_t kCalibrationSamples = 512;

/// What a network's input has for samples that are int8 already: scale 1 / stddev and zero point
/// mean undo the normalisation (mean a whole number, one channel), so that q of a sample is q of
/// the input. Nothing for other samples, whose ranges are calibrated.
std::optional<QuantParams> input_params(const Samples& samples, const Normalisation& normalisation);

/// The trained network in int8: deployed (batch norm folded) with its operators in the order of the
/// smallest peak RAM when `order` says so (ids of the deployed graph; empty: as it is), ranges from
/// `kCalibrationSamples` samples of the training split, not augmented and evenly
/// spread over it. Its input is that of `input_params`.
QuantizedModel quantised(const Model& trained, const Dataset& dataset,
                         std::span<const NodeId> order, const QuantiseOptions& options = {});

/// The bytes that a network with these input parameters gets for the samples begin … end − 1,
/// [end − begin, H, W, C].
std::vector<std::int8_t> input_codes(const Samples& samples, const Normalisation& normalisation,
                                     QuantParams input, std::size_t begin, std::size_t end);

/// Whether samples of the set are to be told from anomalies: some split says which are.
bool detects_anomalies(const Dataset& dataset);

/// What is known of one of the set's splits; it must outlive the answer.
Truth truth_of(const Samples& split, const Dataset& dataset);

/// What the int8 network, run by the bit-exact interpreter, answers to the samples: of a classifier
/// classes and probabilities, of one that learnt to rebuild its input how far it is from it, over
/// the normalised values, those beyond the range of its input included.
Answers int8_answers(const QuantizedModel& model, const Samples& samples,
                     const Normalisation& normalisation, Target target = Target::kLabel);

/// The share of samples that it classifies rightly, in [0, 1].
double int8_accuracy(const QuantizedModel& model, const Samples& samples,
                     const Normalisation& normalisation);

}  // namespace thimble
