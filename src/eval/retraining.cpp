#include "thimble/eval/retraining.hpp"

#include <algorithm>
#include <map>

#include "thimble/eval/job_pool.hpp"

namespace thimble {

bool retrain(std::span<const Trial> trials, const Retraining& with,
             const std::function<void(const Trial&, const Evaluation&)>& take,
             const RetrainingObserver& observer) {
  EvaluationOptions options = with.options;
  options.threads = std::min(options.recipe.shards, with.jobs);
  const auto at_once = static_cast<std::size_t>(std::max(1, with.jobs / options.threads));
  std::map<std::int64_t, const Trial*> in_training;
  std::size_t launched = 0;
  JobPool pool;
  while (launched < trials.size() || pool.size() > 0) {
    for (; launched < trials.size() && pool.size() < at_once; ++launched) {
      const Trial& trial = trials[launched];
      in_training.emplace(trial.id, &trial);
      pool.launch(trial.id, [&with, &options,
                             graph = with.screen.graph(trial.genotype)](const auto& keep_going) {
        return evaluate(graph, with.dataset, options, keep_going);
      });
    }
    if (!observer(launched - pool.size())) return false;
    if (const auto finished = pool.wait(JobPool::kPatience)) {
      take(*in_training.at(finished->first), finished->second);
    }
  }
  return true;
}

}  // namespace thimble
