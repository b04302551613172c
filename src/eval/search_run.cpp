#include "thimble/eval/search_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "thimble/eval/job_pool.hpp"
#include "thimble/eval/journal.hpp"
#include "thimble/search/pareto_front.hpp"

namespace thimble {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr int kMostGivenUpInARow = 16;
constexpr const char* kSecondsKey = "seconds";

class SearchRun {
 public:
  SearchRun(Study& study, Searcher& searcher, const Screen& screen, const Dataset& dataset,
            const EvaluationOptions& options, const SearchLimits& limits,
            const SearchObserver& observer)
      : study_(study),
        searcher_(searcher),
        screen_(screen),
        dataset_(dataset),
        options_(options),
        limits_(limits),
        observer_(observer),
        earlier_(seconds_so_far(study)) {}

  SearchEnd run() {
    take_up_history();
    for (;;) {
      while (may_launch()) propose();
      if (pool_.size() == 0) break;
      if (auto finished = pool_.wait(JobPool::kPatience)) record(std::move(*finished));
      if (!observer_(status())) {
        study_.set_meta(kSecondsKey, fmt::format("{:.3f}", elapsed().count()));
        return SearchEnd::kInterrupted;
      }
    }
    study_.set_meta(kSecondsKey, fmt::format("{:.3f}", elapsed().count()));
    return given_up_in_a_row_ >= kMostGivenUpInARow ? SearchEnd::kExhausted : SearchEnd::kDone;
  }

 private:
  Seconds elapsed() const { return earlier_ + (Clock::now() - begin_); }

  void take_up_history() {
    const std::vector<Trial> history = read_trials(study_);
    searcher_.replay(history);
    for (const Trial& trial : history) {
      count(trial);
      if (trial.status == TrialStatus::kRunning) waiting_.push_back(trial);
    }
  }

  bool may_launch() const {
    if (pool_.size() >= static_cast<std::size_t>(limits_.jobs)) return false;
    if (!waiting_.empty()) return true;
    const std::int64_t begun =
        status_.evaluated + status_.failed + static_cast<std::int64_t>(pool_.size());
    if (limits_.trials && begun >= *limits_.trials) return false;
    if (limits_.time && elapsed() >= *limits_.time) return false;
    return given_up_in_a_row_ < kMostGivenUpInARow && searcher_.can_ask();
  }

  /// Launches what an interrupted session left, then what the searcher proposes.
  void propose() {
    if (!waiting_.empty()) {
      launch(waiting_.front());
      waiting_.pop_front();
      return;
    }
    const std::vector<Trial> proposals = searcher_.ask();
    std::vector<TrialRow> rows;
    for (const Trial& trial : proposals) {
      rows.push_back(to_row(trial));
      count(trial);
    }
    study_.append(rows);
    const Trial& accepted = proposals.back();
    given_up_in_a_row_ = accepted.status == TrialStatus::kGivenUp ? given_up_in_a_row_ + 1 : 0;
    if (accepted.status == TrialStatus::kRunning) launch(accepted);
  }

  void launch(const Trial& trial) {
    in_training_.emplace(trial.id, trial);
    pool_.launch(trial.id, [this, graph = screen_.graph(trial.genotype)](const auto& keep_going) {
      return evaluate(graph, dataset_, options_, keep_going);
    });
  }

  void record(JobPool::Finished finished) {
    const auto& [id, evaluation] = finished;
    Trial trial = in_training_.at(id);
    in_training_.erase(id);
    if (evaluation.stopped) return;
    trial.status = evaluation.failure.empty() ? TrialStatus::kEvaluated : TrialStatus::kFailed;
    trial.reason = evaluation.failure;
    trial.val_accuracy = evaluation.val_accuracy;
    if (options_.objective != Objective::kAccuracy) trial.val_score = evaluation.val_score;
    trial.seconds = evaluation.seconds;
    study_.finish(to_row(trial));
    study_.set_meta(kSecondsKey, fmt::format("{:.3f}", elapsed().count()));
    searcher_.tell(trial);
    count(trial);
  }

  void count(const Trial& trial) {
    switch (trial.status) {
      case TrialStatus::kRejected:
      case TrialStatus::kDuplicate:
      case TrialStatus::kPassedOver:
        ++status_.rejected;
        break;
      case TrialStatus::kFailed:
        ++status_.failed;
        break;
      case TrialStatus::kEvaluated:
        ++status_.evaluated;
        status_.best_score = std::max(status_.best_score, trial.score());
        // The front of a front and one more is the front of all.
        front_.push_back(trial);
        front_ = pareto_front(front_);
        break;
      case TrialStatus::kRunning:
      case TrialStatus::kGivenUp:
        break;
    }
  }

  SearchStatus status() const {
    SearchStatus now = status_;
    now.running = pool_.size();
    now.front = front_.size();
    now.elapsed = elapsed();
    return now;
  }

  Study& study_;
  Searcher& searcher_;
  const Screen& screen_;
  const Dataset& dataset_;
  const EvaluationOptions& options_;
  const SearchLimits& limits_;
  const SearchObserver& observer_;
  const Seconds earlier_;
  const Clock::time_point begin_ = Clock::now();
  SearchStatus status_;
  std::vector<Trial> front_;
  std::deque<Trial> waiting_;  // running in the study, not yet launched in this session
  std::map<std::int64_t, Trial> in_training_;
  int given_up_in_a_row_ = 0;
  JobPool pool_;  // last: its threads read the members above
};

}  // namespace

SearchEnd run_search(Study& study, Searcher& searcher, const Screen& screen, const Dataset& dataset,
                     const EvaluationOptions& options, const SearchLimits& limits,
                     const SearchObserver& observer) {
  return SearchRun(study, searcher, screen, dataset, options, limits, observer).run();
}

double seconds_so_far(const Study& study) {
  const auto meta = study.meta();
  const auto found = meta.find(kSecondsKey);
  if (found == meta.end()) return 0;
  const std::string& text = found->second;
  double seconds = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (status != std::errc{} || end != text.data() + text.size() || !(seconds >= 0)) {
    raise<ConfigError>("study.db: meta.{} = {}: must be a number of seconds", kSecondsKey, text);
  }
  return seconds;
}

}  // namespace thimble
