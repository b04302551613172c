#pragma once

#include <functional>
#include <vector>

#include "plan.hpp"
#include "team.hpp"
#include "thimble/engine/engine.hpp"

namespace thimble::engine {

/// Runs a whole training step, segment by segment: in each, the members of the team take the shards
/// in turn, and all steps pass over a block before the next block.
void run_training(const Plan& plan, Context& context, Team& team);

/// Runs the forward steps on the calling thread. `after` sees each that ran on a block.
void run_inference(const Plan& plan, Context& context,
                   const std::function<void(const PlannedStep&, int block)>& after);

/// An entry for every step of the plan and one for the optimiser's update, with no seconds yet.
std::vector<StepProfile> empty_profile(const Plan& plan, const Graph& graph, const Batch& batch);

/// Runs a training step on the calling thread, with a learning rate of 0, and adds each step's
/// seconds to its entry.
void run_profiled(const Plan& plan, Context& context, std::span<StepProfile> profile);

}  // namespace thimble::engine
