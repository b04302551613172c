#pragma once

#include <cmath>

#include "thimble/core/rng.hpp"
#include "thimble/graph/model.hpp"
#include "thimble/search/searcher.hpp"

namespace thimble {

/// One byte a weight, four a bias.
inline Bytes toy_flash(const Graph& deployed) {
  Bytes sum;
  for (NodeId id = 0; id < deployed.size(); ++id) {
    const ParameterCount count = parameter_count(deployed, id);
    sum += Bytes(count.kernel + 4 * count.bias);
  }
  return sum;
}

/// Live tensors and those parameters.
inline MemoryNeeds toy_memory(const Graph& deployed) {
  return {.ram = peak_tensor_ram(deployed), .flash = toy_flash(deployed)};
}

inline Screen toy_screen(const Task& task, const Budget& budget) {
  return Screen(task, budget, {.memory = toy_memory});
}

inline const Task kSmallImages{.input = {28, 28, 1}, .classes = 10};
inline const Budget kSmallBudget{.ram = 20_KiB, .flash = 32_KiB, .macs = 2_MMAC};

/// The options that every strategy has when none are given.
inline const Json kNoOptions = Json::object();

/// What training would tell: larger networks with batch norm and ReLU do better, and every network
/// has its luck.
inline double toy_accuracy(const Trial& trial) {
  const auto& genotype = std::get<MunasGenotype>(trial.genotype);
  double layers = 0;
  double missing = 0;
  for (const MunasBlock& block : genotype.blocks) {
    for (const MunasLayer& layer : block.layers) {
      ++layers;
      missing += (layer.relu ? 0.0 : 0.06) + (layer.batch_norm ? 0.0 : 0.06);
    }
  }
  const double size = std::log2(static_cast<double>(trial.usage.macs.value));
  const double luck = 0.006 * Rng(trial.hash).normal();
  const double error = 0.1 + 0.05 * std::exp(-0.3 * std::max(0.0, size - 14)) + missing / layers +
                       0.012 * std::abs(layers - 6) + luck;
  return 1 - error;
}

/// The result of a trial; one network in eleven fails.
inline Trial toy_result(Trial trial) {
  if (trial.hash % 11 == 0) {
    trial.status = TrialStatus::kFailed;
    trial.reason = "diverged in epoch 1";
  } else {
    trial.status = TrialStatus::kEvaluated;
    trial.val_accuracy = toy_accuracy(trial);
  }
  return trial;
}

/// A searcher in the μNAS space under the small budget.
inline Searcher toy_searcher(std::string_view strategy, const SearcherOptions& options,
                             std::int64_t expected_trials) {
  const SearchSpace& space = find_space("munas");
  const SearchProblem problem{
      .space = space, .budget = kSmallBudget, .expected_trials = expected_trials};
  return Searcher(space, toy_screen(kSmallImages, kSmallBudget),
                  make_strategy(strategy, JsonField(kNoOptions, "test"), problem), options);
}

/// Runs `searcher` up to `slots` with so many workers that finish in random order. `history` is
/// what a study would hold, by id; what runs in it is evaluated again. Stops, with work in flight,
/// when `stop_after` results have come in.
inline void run_toy_search(Searcher& searcher, std::vector<Trial>& history, std::int64_t slots,
                           std::size_t workers, Rng rng, int stop_after = 1'000'000) {
  std::vector<std::int64_t> in_flight;
  for (const Trial& trial : history) {
    if (trial.status == TrialStatus::kRunning) in_flight.push_back(trial.id);
  }
  for (int results = 0; results < stop_after;) {
    while (in_flight.size() < workers && searcher.next_slot() < slots && searcher.can_ask()) {
      for (Trial& proposal : searcher.ask()) history.push_back(std::move(proposal));
      if (history.back().status == TrialStatus::kRunning) in_flight.push_back(history.back().id);
    }
    if (in_flight.empty()) return;
    const auto last = static_cast<std::int64_t>(in_flight.size()) - 1;
    std::swap(in_flight[static_cast<std::size_t>(rng.uniform_int(0, last))], in_flight.back());
    Trial& finished = history[static_cast<std::size_t>(in_flight.back())];
    in_flight.pop_back();
    finished = toy_result(finished);
    searcher.tell(finished);
    ++results;
  }
}

}  // namespace thimble
