#pragma once

#include <filesystem>
#include <optional>

#include "feature_settings.hpp"
#include "settings.hpp"
#include "thimble/eval/evaluation.hpp"
#include "thimble/eval/runtime.hpp"
#include "thimble/eval/search_run.hpp"
#include "thimble/footprint/device.hpp"
#include "thimble/search/screen.hpp"

namespace thimble::cli {

/// Everything that a run is made of, out of its settings: what `search`, `resume`, `export` and
/// `explain` share.
struct RunSetup {
  std::string data;
  std::string device;  ///< empty: none
  Budget budget;       ///< of the networks: what their front end leaves
  /// RAM, flash and MACs that the front end takes of the budget; none: there is none.
  std::optional<Usage> front_end;
  Budget whole_budget;  ///< as given
  Runtime runtime;      ///< whose RAM and flash the budget means
  const SearchSpace* space = nullptr;
  float dropout = 0;
  EvaluationOptions candidates;
  EvaluationOptions heats;
  int heat_count = 0;
  EvaluationOptions finalists;
  int finalist_count = 0;
};

/// Reads and checks the settings; nothing is loaded. Throws ConfigError.
RunSetup read_run_setup(const Settings& settings);

/// The same of a run with a front end, which is taken off the budget; at least one of each is left,
/// which no network keeps.
RunSetup read_run_setup(const Settings& settings,
                        const std::optional<frontend::Settings>& features);

/// What the set's networks take and answer.
Task make_task(const Dataset& dataset, float dropout);

/// What is measured is what the run's runtime takes.
Screen make_screen(const RunSetup& setup, const Task& task);

/// How many candidates a search of these limits will about evaluate. Part of a run, for defaults of
/// strategies hang on it.
std::optional<std::int64_t> expected_trials(const SearchLimits& limits);

/// A fresh searcher for the settings.
Searcher make_searcher(const Settings& settings, const RunSetup& setup, const Screen& screen,
                       std::optional<std::int64_t> expected_trials);

SearchLimits read_limits(const Settings& settings);

/// The settings as a study keeps them, and back.
std::string settings_to_text(const Settings& settings);
Settings settings_from_text(const std::string& text, const std::filesystem::path& run);

/// What --objective names. Throws ConfigError with the nearest name.
Objective read_objective(const Settings& settings);
/// In one line, for whoever starts a search.
std::string describe(Objective objective);
/// Throws ConfigError unless the set's validation split can tell it of a classifier.
void check_objective(const Settings& settings, const Dataset& dataset);

int number_of_cores();

/// The recipe of `train` and of the candidates; `epochs` is the option that gives the length.
EvaluationOptions read_evaluation(const Settings& settings, std::string_view epochs);
/// The same for a network that is trained alone: its batches shared among the machine's cores.
EvaluationOptions on_all_cores(EvaluationOptions options);

}  // namespace thimble::cli
