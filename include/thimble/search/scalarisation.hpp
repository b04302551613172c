#pragma once

#include <array>

#include "thimble/core/rng.hpp"
#include "thimble/footprint/budget.hpp"

namespace thimble {

/// Error, RAM, flash and MACs of a candidate, each relative to what is wished for; 0 where nothing
/// is.
using Ratios = std::array<double, 4>;
/// How much each objective is let go in one selection, each in (0, 1]; the smaller, the more it
/// counts.
using Tolerances = std::array<double, 4>;

/// error / error_bound, and used / allowed · resource_weight for the bounds that are given.
Ratios ratios(double error, double error_bound, const Usage& usage, const Budget& budget,
              double resource_weight);

/// λ of one selection: uniform over (0, 1], independent.
Tolerances draw_tolerances(Rng& rng);

/// Random Chebyshev scalarisation, to be minimised: max over i of min(ratioᵢ, 10) / λᵢ
/// (Liberis, Dudziak & Lane 2021, §4; Paria, Kandasamy & Póczos 2019).
double chebyshev(const Ratios& ratios, const Tolerances& lambda);

}  // namespace thimble
