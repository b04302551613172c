#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "thimble/eval/evaluation.hpp"
#include "thimble/search/searcher.hpp"
#include "thimble/study/study.hpp"

namespace thimble {

/// When a search ends and how many hands it has. None of it changes what the search finds on its
/// way.
struct SearchLimits {
  /// Networks trained, those that failed included.
  std::optional<std::int64_t> trials;
  /// Wall-clock of all sessions of the run together. What is in training when it is over is
  /// finished.
  std::optional<std::chrono::duration<double>> time;
  int jobs = 1;
};

struct SearchStatus {
  std::int64_t evaluated = 0;
  std::int64_t rejected = 0;  ///< over budget, seen before or passed over
  std::int64_t failed = 0;
  std::size_t running = 0;
  double best_score = 0;  ///< int8, validation, by the objective
  std::size_t front = 0;  ///< networks on the Pareto front
  std::chrono::duration<double> elapsed{};
};

enum class SearchEnd {
  kDone,
  /// The observer said stop; what was in training is lost, all else is in the study.
  kInterrupted,
  /// So many slots in a row found no network that is new and keeps the budget that there seem to be
  /// none left.
  kExhausted,
};

/// Told several times a second; false stops the search.
using SearchObserver = std::function<bool(const SearchStatus&)>;

/// Runs a search, or goes on with one: `searcher` is fresh, `study` holds its history (perhaps
/// empty). Every proposal and every result is in the study before the next is made. The same study
/// comes out of any number of jobs (a prefix of it when time is up earlier). Throws what the study
/// throws (a full disk); everything written before stays.
SearchEnd run_search(Study& study, Searcher& searcher, const Screen& screen, const Dataset& dataset,
                     const EvaluationOptions& options, const SearchLimits& limits,
                     const SearchObserver& observer);

/// Wall-clock of all sessions of a run so far, in seconds.
double seconds_so_far(const Study& study);

}  // namespace thimble
