#include "thimble/search/searcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <utility>

#include "thimble/core/error.hpp"
#include "thimble/search/descent.hpp"

namespace thimble {
namespace {

constexpr int kDescents = 4;
/// Draws for a slot after which what was found is choice enough.
constexpr int kDrawsForAChoice = 1000;

bool is_result(TrialStatus status) {
  return status == TrialStatus::kEvaluated || status == TrialStatus::kFailed;
}

bool ends_slot(TrialStatus status) {
  return status != TrialStatus::kRejected && status != TrialStatus::kDuplicate &&
         status != TrialStatus::kPassedOver;
}

/// Why the proposals of a slot were not acceptable: `20000 drawn: 15211 over ram, 4789 seen
/// before`.
std::string tally(std::span<const Trial> proposals, const Budget& budget) {
  std::map<std::string, int> counts;
  for (const Trial& trial : proposals) {
    const auto violation = first_violation(trial.usage, budget);
    ++counts[violation                                ? fmt::format("over {}", violation->bound)
             : trial.status == TrialStatus::kRejected ? "refused by the runtime"
                                                      : "seen before"];
  }
  std::string text = fmt::format("{} drawn", proposals.size());
  const char* mark = ": ";
  for (const auto& [what, count] : counts) {
    text += fmt::format("{}{} {}", mark, count, what);
    mark = ", ";
  }
  return text;
}

/// What is known of a network's capacity before any training.
std::int64_t capacity(const Usage& usage, const Budget& budget) {
  return budget.flash ? usage.params : usage.macs.value;
}

/// What a network is chosen by before any training; more is better.
struct Promise {
  bool teachable = true;  ///< it has no more weights than are enough
  std::int64_t capacity = 0;
  auto operator<=>(const Promise&) const = default;
};

Promise promise(const Usage& usage, const Budget& budget, std::optional<std::int64_t> enough) {
  if (enough && usage.params > *enough) return {.teachable = false, .capacity = -usage.params};
  return {.teachable = true, .capacity = capacity(usage, budget)};
}

/// Puts the acceptable proposal of most promise last, under the last id; the others are passed
/// over.
void choose(std::vector<Trial>& proposals, const Budget& budget,
            std::optional<std::int64_t> enough) {
  auto chosen = proposals.end();
  for (auto trial = proposals.begin(); trial != proposals.end(); ++trial) {
    if (trial->status != TrialStatus::kRunning) continue;
    if (chosen == proposals.end() ||
        promise(trial->usage, budget, enough) > promise(chosen->usage, budget, enough))
      chosen = trial;
  }
  if (chosen == proposals.end()) return;
  const std::int64_t first_id = proposals.front().id;
  const std::int64_t last_id = proposals.back().id;
  std::rotate(chosen, chosen + 1, proposals.end());
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    Trial& trial = proposals[i];
    trial.id = first_id + static_cast<std::int64_t>(i);
    if (trial.status != TrialStatus::kRunning || i + 1 == proposals.size()) continue;
    trial.status = TrialStatus::kPassedOver;
    trial.reason =
        promise(trial.usage, budget, enough).teachable
            ? fmt::format("trial {} keeps the budget too and has more {}", last_id,
                          budget.flash ? "parameters" : "MACs")
            : fmt::format(
                  "trial {} keeps the budget too and has fewer parameters: {} are enough "
                  "for the data",
                  last_id, *enough);
  }
}

}  // namespace

int default_window(std::optional<std::int64_t> expected_trials) {
  return static_cast<int>(std::clamp<std::int64_t>(expected_trials.value_or(160) / 10, 4, 16));
}

Searcher::Searcher(const SearchSpace& space, Screen screen, std::unique_ptr<Strategy> strategy,
                   const SearcherOptions& options)
    : space_(space), screen_(std::move(screen)), strategy_(std::move(strategy)), options_(options) {
  THIMBLE_ASSERT(options.window >= 1 && options.max_draws >= 1);
}

void Searcher::replay(std::span<const Trial> history) {
  THIMBLE_ASSERT(next_id_ == 0);
  for (const Trial& trial : history) {
    if (trial.id != next_id_ || trial.slot != next_slot_) {
      raise<ConfigError>("study: trials[{}] = slot {}: slot {} was expected", next_id_, trial.slot,
                         next_slot_);
    }
    ++next_id_;
    if (!ends_slot(trial.status)) continue;
    ++next_slot_;
    if (trial.status == TrialStatus::kGivenUp) {
      results_.emplace(trial.slot, trial);
      continue;
    }
    asked_.insert(trial.hash);
    if (is_result(trial.status)) tell(trial);
  }
}

bool Searcher::can_ask() const {
  for (std::int64_t slot = next_told_; slot <= next_slot_ - options_.window; ++slot) {
    if (!results_.contains(slot)) return false;
  }
  return true;
}

void Searcher::inform_strategy() {
  for (; next_told_ <= next_slot_ - options_.window; ++next_told_) {
    const auto known = results_.extract(next_told_);
    if (is_result(known.mapped().status)) strategy_->tell(known.mapped());
  }
}

std::vector<Trial> Searcher::ask() {
  THIMBLE_ASSERT(can_ask());
  inform_strategy();
  Rng rng = Rng(options_.seed).fork(static_cast<std::uint64_t>(next_slot_));
  std::vector<Trial> proposals = draw(rng);
  if (proposals.back().status != TrialStatus::kRunning) {
    proposals.push_back(last_resort(tally(proposals, screen_.budget()), rng));
  }
  if (proposals.back().status == TrialStatus::kRunning) asked_.insert(proposals.back().hash);
  if (proposals.back().status == TrialStatus::kGivenUp) {
    results_.emplace(next_slot_, proposals.back());
  }
  ++next_slot_;
  return proposals;
}

std::vector<Trial> Searcher::draw(Rng& rng) {
  const int wanted = strategy_->choices(next_slot_);
  std::vector<Trial> proposals;
  int found = 0;
  for (int draw = 0; draw < options_.max_draws; ++draw) {
    if (found == wanted || (found > 0 && draw >= kDrawsForAChoice)) break;
    const Ask request{.slot = next_slot_, .draw = draw};
    proposals.push_back(screened(strategy_->propose(request, rng)));
    found += proposals.back().status == TrialStatus::kRunning ? 1 : 0;
  }
  choose(proposals, screen_.budget(), options_.enough_params);
  return proposals;
}

Trial Searcher::screened(Proposal proposal) {
  Trial trial{.id = next_id_++,
              .slot = next_slot_,
              .parent = proposal.parent,
              .genotype = std::move(proposal.genotype)};
  const Graph graph = screen_.graph(trial.genotype);
  trial.hash = canonical_hash(graph);
  if (asked_.contains(trial.hash)) {
    trial.status = TrialStatus::kDuplicate;
    trial.reason = "the same network was asked for before";
    return trial;
  }
  const Screening screening = screen_(graph);
  trial.usage = screening.usage;
  if (!screening.fits()) {
    trial.status = TrialStatus::kRejected;
    trial.reason = screening.violation ? describe(*screening.violation) : screening.refusal;
  }
  return trial;
}

// Where hardly any network fits, drawing hardly finds one, but walking towards the budget mostly
// does.
Trial Searcher::last_resort(std::string reason, Rng& rng) {
  for (int i = 0; i < kDescents; ++i) {
    Descent descent = descend_to_budget(space_.random(rng), space_, screen_, rng);
    if (!descent.feasible) continue;
    Trial trial = screened({.genotype = std::move(descent.genotype), .parent = {}});
    if (trial.status == TrialStatus::kRunning) return trial;
    --next_id_;  // not a proposal after all
  }
  return {.id = next_id_++,
          .slot = next_slot_,
          .status = TrialStatus::kGivenUp,
          .reason = std::move(reason)};
}

void Searcher::tell(const Trial& result) {
  THIMBLE_ASSERT(is_result(result.status) && result.slot < next_slot_);
  const bool first = results_.emplace(result.slot, result).second;
  THIMBLE_ASSERT(first && result.slot >= next_told_);
}

}  // namespace thimble
