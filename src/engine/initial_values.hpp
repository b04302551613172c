#pragma once

#include "thimble/core/rng.hpp"
#include "thimble/graph/model.hpp"

namespace thimble::engine {

/// Replaces all numbers of `weights` by those that training begins with: see Engine::initialise.
void set_initial_values(const Graph& graph, Weights& weights, Rng& rng);

}  // namespace thimble::engine
