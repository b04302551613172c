#include "executor.hpp"

#include <algorithm>
#include <chrono>

#include "denormals.hpp"

namespace thimble::engine {
namespace {

using Steps = std::span<const PlannedStep>;

bool skipped(const PlannedStep& step, const Context& context) {
  return step.when == (context.batch.training ? When::kInference : When::kTraining);
}

/// The steps up to the end of the first one's segment.
Steps first_segment(Steps steps) {
  const auto end = std::ranges::find_if(
      steps, [&](const PlannedStep& step) { return step.segment != steps[0].segment; });
  return steps.first(static_cast<std::size_t>(end - steps.begin()));
}

/// Calls use(step) for those that are not skipped.
template <class Use>
void for_each(Steps steps, const Context& context, const Use& use) {
  for (const PlannedStep& step : steps) {
    if (!skipped(step, context)) use(step);
  }
}

/// All segments on one thread. `after` sees each step after each of its calls; `block` is −1 for
/// begin and finish.
template <class After>
void run_alone(Steps steps, Context& context, const After& after) {
  while (!steps.empty()) {
    const Steps segment = first_segment(steps);
    for_each(segment, context, [&](const PlannedStep& step) {
      step.step->begin(context);
      after(step, -1);
    });
    for (int block = 0; block < context.batch.blocks(); ++block) {
      for_each(segment, context, [&](const PlannedStep& step) {
        step.step->run(context, block);
        after(step, block);
      });
    }
    for_each(segment, context, [&](const PlannedStep& step) {
      step.step->finish(context);
      after(step, -1);
    });
    steps = steps.subspan(segment.size());
  }
}

}  // namespace

void run_training(const Plan& plan, Context& context, Team& team) {
  const FlushDenormals flush;
  if (team.size() == 1) {
    run_alone(plan.steps(), context, [](const PlannedStep&, int) {});
    return;
  }
  const auto work = [&](int member) {
    const FlushDenormals flush_here;
    for (Steps steps = plan.steps(); !steps.empty();) {
      const Steps segment = first_segment(steps);
      if (member == 0) {
        for_each(segment, context, [&](const PlannedStep& step) { step.step->begin(context); });
      }
      team.meet();
      for (int shard = member; shard < context.shards; shard += team.size()) {
        for (int block = context.shard_begin(shard); block < context.shard_begin(shard + 1);
             ++block) {
          for_each(segment, context,
                   [&](const PlannedStep& step) { step.step->run(context, block); });
        }
      }
      team.meet();
      if (member == 0) {
        for_each(segment, context, [&](const PlannedStep& step) { step.step->finish(context); });
      }
      steps = steps.subspan(segment.size());
    }
  };
  team.run(std::ref(work));  // a reference needs no memory
}

void run_inference(const Plan& plan, Context& context,
                   const std::function<void(const PlannedStep&, int block)>& after) {
  run_alone(plan.forward_steps(), context, [&](const PlannedStep& step, int block) {
    if (block >= 0) after(step, block);
  });
}

std::vector<StepProfile> empty_profile(const Plan& plan, const Graph& graph, const Batch& batch) {
  std::vector<StepProfile> profile;
  for (const PlannedStep& step : plan.steps()) {
    StepProfile& entry = profile.emplace_back();
    entry.name = step.step->name();
    entry.node = step.owner;
    entry.bytes = static_cast<double>(step.traffic) * sizeof(float) * batch.blocks();
    const bool multiplies = entry.name.starts_with("convolution") ||
                            entry.name.starts_with("depthwise") || entry.name.starts_with("dense");
    if (!multiplies) continue;
    const Shape out = graph.shape(step.owner);
    entry.macs = static_cast<double>(parameter_count(graph, step.owner).kernel) * out.height *
                 out.width * batch.samples;
  }
  profile.push_back({.name = "update"});
  return profile;
}

void run_profiled(const Plan& plan, Context& context, std::span<StepProfile> profile) {
  using Clock = std::chrono::steady_clock;
  const FlushDenormals flush;
  auto before = Clock::now();
  const auto add_to = [&](StepProfile& entry) {
    const auto now = Clock::now();
    entry.seconds += std::chrono::duration<double>(now - before).count();
    before = now;
  };
  run_alone(plan.steps(), context, [&](const PlannedStep& step, int) {
    add_to(profile[static_cast<std::size_t>(&step - plan.steps().data())]);
  });
  context.parameters->update(0);
  add_to(profile.back());
}

}  // namespace thimble::engine
