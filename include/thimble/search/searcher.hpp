#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "thimble/search/screen.hpp"
#include "thimble/search/strategy.hpp"

namespace thimble {

struct SearcherOptions {
  std::uint64_t seed = 0;
  /// How many candidates can be out at once. The smaller, the more the strategy knows when it is
  /// asked; more workers than this find nothing to do.
  int window = 16;
  /// Proposals for one slot before the strategy is no longer asked. 20,000 find a random network
  /// where one in 2,000 fits.
  int max_draws = 20'000;
  /// Where a strategy has its networks chosen from several, more weights are better up to so many,
  /// and fewer beyond; none: more are always better.
  std::optional<std::int64_t> enough_params = {};
};

/// A window for a search of about so many trials on any machine: a tenth of them, in [4, 16].
int default_window(std::optional<std::int64_t> expected_trials);

/// Runs a strategy behind ask and tell, and hands out only candidates that keep the budget and were
/// not asked for before.
///
/// One seed gives one search, on any number of workers and across interruptions: what is asked for
/// in slot k depends on the seed, on k and on the results of slots 0 … k − window, nothing else.
/// Results may be told in any order and at any time; the strategy gets them in the order of slots,
/// and not before the rule allows.
class Searcher {
 public:
  /// The space must outlive the searcher and be the strategy's own.
  Searcher(const SearchSpace& space, Screen screen, std::unique_ptr<Strategy> strategy,
           const SearcherOptions& options);

  /// Takes up an interrupted search: its trials by id. Those still running are to be told when they
  /// are evaluated again. To be called first. Throws ConfigError when it is no history of a
  /// searcher.
  void replay(std::span<const Trial> history);

  /// Whether the result that the next slot waits for is there.
  bool can_ask() const;

  /// The proposals for the next slot: those rejected, in order, and last the accepted one
  /// (`running`), or one that says that the slot is given up. Needs `can_ask()`.
  std::vector<Trial> ask();

  /// The result of a trial that was asked for: evaluated or failed, once.
  void tell(const Trial& result);

  std::int64_t next_slot() const { return next_slot_; }

 private:
  void inform_strategy();
  Trial screened(Proposal proposal);
  std::vector<Trial> draw(Rng& rng);
  Trial last_resort(std::string reason, Rng& rng);

  const SearchSpace& space_;
  Screen screen_;
  std::unique_ptr<Strategy> strategy_;
  SearcherOptions options_;
  std::int64_t next_id_ = 0;
  std::int64_t next_slot_ = 0;
  std::int64_t next_told_ = 0;             // slots before it are known to the strategy
  std::map<std::int64_t, Trial> results_;  // by slot, from next_told_ on; given up slots too
  std::unordered_set<std::uint64_t> asked_;
};

}  // namespace thimble
