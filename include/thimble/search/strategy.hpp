#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "thimble/core/json.hpp"
#include "thimble/core/rng.hpp"
#include "thimble/search/trial.hpp"

namespace thimble {

/// What is asked for: the `draw`-th proposal (from 0) for a slot; the draws before it were not
/// acceptable.
struct Ask {
  std::int64_t slot = 0;
  int draw = 0;
};

struct Proposal {
  Genotype genotype;
  std::optional<std::int64_t> parent;  ///< id of the trial that it was made from
};

/// Decides what to try next. Sees finished trials and nothing else; knows nothing of workers and
/// budgets kept.
///
/// A strategy's state is a pure function of what it was told, in the order of slots, so a search is
/// resumed by telling it again.
class Strategy {
 public:
  virtual ~Strategy() = default;

  /// A candidate for a slot. Draws of one slot come one after another, from 0, with the same source
  /// and no `tell` between them.
  virtual Proposal propose(Ask ask, Rng& rng) = 0;
  /// How many acceptable proposals are drawn for a slot; the one with most parameters (with most
  /// MACs where flash is not bounded) is asked for, the others are passed over.
  virtual int choices(std::int64_t slot) const {
    static_cast<void>(slot);
    return 1;
  }
  /// An evaluated or failed trial.
  virtual void tell(const Trial& trial) = 0;
};

/// What strategies are made for.
struct SearchProblem {
  const SearchSpace& space;
  Budget budget;
  /// About how many trials will be evaluated, so that a short search does not spend itself on its
  /// beginning; nothing when unknown.
  std::optional<std::int64_t> expected_trials;
};

struct StrategyInfo {
  std::string_view name;
  std::string_view description;  ///< one line for people
};

/// All strategies, the default first.
std::span<const StrategyInfo> all_strategies();

/// `options` is an object of the strategy's own options (empty for the defaults); the problem's
/// space must outlive the strategy. Throws ConfigError with the nearest name for an unknown
/// strategy or option, and for a value out of its range.
std::unique_ptr<Strategy> make_strategy(std::string_view name, const JsonField& options,
                                        const SearchProblem& problem);

}  // namespace thimble
