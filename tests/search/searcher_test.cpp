#include "thimble/search/searcher.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "thimble/core/error.hpp"
#include "toy.hpp"

namespace thimble {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kSlots = 60;
constexpr SearcherOptions kOptions{.seed = 5, .window = 6};

std::vector<Trial> whole_search(std::string_view strategy, std::size_t workers,
                                std::uint64_t luck) {
  Searcher searcher = toy_searcher(strategy, kOptions, kSlots);
  std::vector<Trial> history;
  run_toy_search(searcher, history, kSlots, workers, Rng(luck));
  return history;
}

TEST(Searcher, OneSeedGivesOneSearchOnAnyNumberOfWorkers) {
  for (const StrategyInfo& strategy : all_strategies()) {
    const std::vector<Trial> alone = whole_search(strategy.name, 1, 0);
    EXPECT_EQ(alone.back().slot, kSlots - 1);
    for (const std::size_t workers : {1, 2, 4, 6, 20}) {
      EXPECT_EQ(whole_search(strategy.name, workers, workers), alone) << workers << " workers";
    }
  }
}

TEST(Searcher, AnotherSeedGivesAnotherSearch) {
  Searcher searcher = toy_searcher("evolution", {.seed = 6, .window = 6}, kSlots);
  EXPECT_NE(searcher.ask().front().hash, whole_search("evolution", 1, 0).front().hash);
}

TEST(Searcher, AnInterruptedSearchGoesOnAsIfNothingHadHappened) {
  const std::vector<Trial> whole = whole_search("evolution", 1, 0);
  for (int stop_after = 0; stop_after <= kSlots; stop_after += 4) {
    std::vector<Trial> history;
    {
      Searcher searcher = toy_searcher("evolution", kOptions, kSlots);
      run_toy_search(searcher, history, kSlots, 4, Rng(1), stop_after);
    }
    Searcher searcher = toy_searcher("evolution", kOptions, kSlots);
    searcher.replay(history);
    run_toy_search(searcher, history, kSlots, 3, Rng(2));
    EXPECT_EQ(history, whole) << "interrupted after " << stop_after << " results";
  }
}

TEST(Searcher, HandsOutOnlyWhatKeepsTheBudgetAndNoNetworkTwice) {
  for (const StrategyInfo& strategy : all_strategies()) {
    const Screen screen = toy_screen(kSmallImages, kSmallBudget);
    std::set<std::uint64_t> seen;
    std::int64_t id = 0;
    for (const Trial& trial : whole_search(strategy.name, 2, 0)) {
      EXPECT_EQ(trial.id, id++);
      const Graph graph = screen.graph(trial.genotype);
      EXPECT_EQ(trial.hash, canonical_hash(graph));
      const auto violation = first_violation(screen.measure(graph), kSmallBudget);
      if (trial.status == TrialStatus::kRejected) {
        EXPECT_TRUE(violation);
        EXPECT_THAT(trial.reason, testing::StartsWith(screen(graph).violation->bound));
      } else if (trial.status == TrialStatus::kDuplicate) {
        EXPECT_TRUE(seen.contains(trial.hash));
      } else if (trial.status == TrialStatus::kPassedOver) {
        EXPECT_FALSE(violation);
        EXPECT_THAT(trial.reason, HasSubstr("keeps the budget too and has more "));
      } else {
        EXPECT_FALSE(violation);
        EXPECT_EQ(trial.usage, screen.measure(graph));
        EXPECT_TRUE(seen.insert(trial.hash).second);
      }
    }
    EXPECT_EQ(static_cast<std::int64_t>(seen.size()), kSlots);
  }
}

/// The networks of the slots that had a choice, the chosen one last.
std::vector<std::vector<Trial>> choices(const SearcherOptions& options) {
  Searcher searcher = toy_searcher("evolution", options, kSlots);
  std::vector<Trial> history;
  run_toy_search(searcher, history, kSlots, 2, Rng(0));
  std::map<std::int64_t, std::vector<Trial>> slots;
  for (const Trial& trial : history) {
    const bool keeps_budget =
        trial.status != TrialStatus::kRejected && trial.status != TrialStatus::kDuplicate;
    if (keeps_budget) slots[trial.slot].push_back(trial);
  }
  std::vector<std::vector<Trial>> found;
  for (const auto& [slot, trials] : slots) {
    if (trials.size() > 1) found.push_back(trials);
  }
  return found;
}

TEST(Searcher, ChoosesTheNetworkOfMostParametersUpToWhatIsEnough) {
  std::vector<std::int64_t> sizes;
  for (const auto& slot : choices(kOptions)) {
    for (const Trial& trial : slot) {
      EXPECT_LE(trial.usage.params, slot.back().usage.params);
      sizes.push_back(trial.usage.params);
    }
  }
  ASSERT_GT(sizes.size(), 16);
  std::ranges::sort(sizes);
  SearcherOptions options = kOptions;
  const std::int64_t enough = sizes[sizes.size() / 2];
  options.enough_params = enough;
  int fewer = 0;
  for (const auto& slot : choices(options)) {
    const std::int64_t chosen = slot.back().usage.params;
    for (const Trial& other : std::span(slot).first(slot.size() - 1)) {
      const bool too_large = other.usage.params > enough;
      EXPECT_TRUE(chosen <= enough ? too_large || other.usage.params <= chosen
                                   : other.usage.params >= chosen);
      EXPECT_THAT(other.reason, HasSubstr(too_large ? "are enough for the data" : "has more "));
      fewer += too_large ? 1 : 0;
    }
  }
  EXPECT_GT(fewer, 4);
}

TEST(Searcher, ChildrenComeFromEvaluatedOrFailedTrials) {
  const std::vector<Trial> trials = whole_search("evolution", 2, 0);
  int children = 0;
  for (const Trial& trial : trials) {
    if (!trial.parent) continue;
    const Trial& parent = trials[static_cast<std::size_t>(*trial.parent)];
    EXPECT_LE(parent.slot, trial.slot - kOptions.window);
    EXPECT_TRUE(parent.status == TrialStatus::kEvaluated || parent.status == TrialStatus::kFailed);
    ++children;
  }
  EXPECT_GE(children, kSlots - 15);
}

/// Writes down what it is told.
class Listener : public Strategy {
 public:
  explicit Listener(std::vector<std::int64_t>& told) : told_(told) {}
  Proposal propose(Ask, Rng& rng) override {
    return {.genotype = find_space("munas").random(rng), .parent = {}};
  }
  void tell(const Trial& trial) override { told_.push_back(trial.slot); }

 private:
  std::vector<std::int64_t>& told_;
};

TEST(Searcher, TellsTheStrategyInTheOrderOfSlotsAndNotBeforeTheWindowAllows) {
  std::vector<std::int64_t> told;
  Searcher searcher(find_space("munas"), toy_screen(kSmallImages, kSmallBudget),
                    std::make_unique<Listener>(told), {.seed = 1, .window = 3});
  std::vector<Trial> asked;
  for (int slot = 0; slot < 3; ++slot) asked.push_back(searcher.ask().back());
  EXPECT_FALSE(searcher.can_ask());
  searcher.tell(toy_result(asked[2]));
  searcher.tell(toy_result(asked[1]));
  EXPECT_FALSE(searcher.can_ask());
  searcher.tell(toy_result(asked[0]));
  EXPECT_TRUE(searcher.can_ask());
  EXPECT_THAT(told, testing::IsEmpty());
  // Slots 1 and 2 are known, but slot 3 may know slot 0 only.
  asked.push_back(searcher.ask().back());
  EXPECT_THAT(told, testing::ElementsAre(0));
  asked.push_back(searcher.ask().back());
  EXPECT_THAT(told, testing::ElementsAre(0, 1));
}

/// The six perceptrons of one layer with 10 to 15 units.
class SixNetworks : public SearchSpace {
 public:
  std::string_view name() const override { return "six"; }
  std::string_view description() const override { return "for tests"; }
  double log10_size() const override { return std::log10(6); }
  Genotype random(Rng& rng) const override {
    return MlpGenotype{{static_cast<int>(rng.uniform_int(10, 15))}};
  }
  Genotype mutate(const Genotype&, Rng& rng) const override { return random(rng); }
  std::vector<Genotype> neighbours(const Genotype&, Rng&) const override { return {}; }
  std::vector<Genotype> smallest() const override { return {MlpGenotype{{10}}}; }
};

/// A random search among the six networks with 12 bytes more or less of flash than a layer of 13
/// units needs.
Searcher search_of_six(const SixNetworks& space, const Budget& budget, int max_draws) {
  const SearchProblem problem{.space = space, .budget = budget, .expected_trials = {}};
  return Searcher(space, toy_screen({.input = {1, 1, 20}, .classes = 3}, budget),
                  make_strategy("random", JsonField(kNoOptions, "test"), problem),
                  {.seed = 1, .window = 2, .max_draws = max_draws});
}

// One layer of n units needs 20n + 4n + 3n + 12 bytes: 363 for 13, 390 for 14.
TEST(Searcher, GivesASlotUpWhenNothingNewFits) {
  const SixNetworks space;
  Searcher searcher = search_of_six(space, {.ram = {}, .flash = 363_B, .macs = {}}, 500);
  std::set<int> found;
  for (int slot = 0; slot < 4; ++slot) {
    const Trial trial = searcher.ask().back();
    ASSERT_EQ(trial.status, TrialStatus::kRunning);
    found.insert(std::get<MlpGenotype>(trial.genotype).dense[0]);
    searcher.tell(toy_result({.id = trial.id, .slot = trial.slot, .hash = 11}));
  }
  EXPECT_THAT(found, testing::ElementsAre(10, 11, 12, 13));

  const std::vector<Trial> last = searcher.ask();
  ASSERT_EQ(last.size(), 501U);
  EXPECT_EQ(last.back().status, TrialStatus::kGivenUp);
  EXPECT_EQ(last.back().id, last.front().id + 500);
  EXPECT_THAT(last.back().reason,
              testing::MatchesRegex("500 drawn: [0-9]+ over flash, [0-9]+ seen before"));

  // It holds nothing up: there is no result to wait for.
  EXPECT_EQ(searcher.ask().back().status, TrialStatus::kGivenUp);
  EXPECT_TRUE(searcher.can_ask());
  EXPECT_EQ(searcher.ask().front().id, last.back().id + 502);
}

TEST(Searcher, ASlotThatWasGivenUpIsReplayedToo) {
  const SixNetworks space;
  const Budget budget{.ram = {}, .flash = 100_B, .macs = {}};
  Searcher first = search_of_six(space, budget, 5);
  std::vector<Trial> history = first.ask();
  EXPECT_EQ(history.size(), 6U);
  Searcher second = search_of_six(space, budget, 5);
  second.replay(history);
  EXPECT_EQ(second.next_slot(), 1);
  EXPECT_EQ(second.ask(), first.ask());
}

TEST(Searcher, WalksTowardsABudgetThatDrawingMisses) {
  const SearchSpace& space = find_space("munas");
  const Budget tiny{.ram = 2500_B, .flash = 2_KiB, .macs = {}};
  const SearchProblem problem{.space = space, .budget = tiny, .expected_trials = {}};
  Searcher searcher(space, toy_screen(kSmallImages, tiny),
                    make_strategy("random", JsonField(kNoOptions, "test"), problem),
                    {.seed = 1, .window = 4, .max_draws = 3});
  const std::vector<Trial> proposals = searcher.ask();
  ASSERT_EQ(proposals.size(), 4U);
  EXPECT_EQ(proposals.back().status, TrialStatus::kRunning);
  EXPECT_FALSE(first_violation(proposals.back().usage, tiny));
}

TEST(Searcher, RefusesAHistoryThatIsNone) {
  std::vector<Trial> history = whole_search("random", 1, 0);
  history.erase(history.begin() + 3);
  Searcher searcher = toy_searcher("random", kOptions, kSlots);
  EXPECT_THAT([&] { searcher.replay(history); },
              testing::ThrowsMessage<ConfigError>(HasSubstr("study: trials[3]")));
}

TEST(Searcher, TheWindowFollowsTheLengthOfTheSearch) {
  EXPECT_EQ(default_window(10), 4);
  EXPECT_EQ(default_window(80), 8);
  EXPECT_EQ(default_window(2000), 16);
  EXPECT_EQ(default_window({}), 16);
}

// Of a runtime that has no pools.
TEST(Searcher, RejectsWhatTheRuntimeRefusesAndSaysWhy) {
  const auto memory = [](const Graph& graph) {
    for (const Node& node : graph.nodes()) {
      if (std::holds_alternative<Pool2D>(node.op)) raise<ModelError>("pools are not known");
    }
    return toy_memory(graph);
  };
  const SearchSpace& space = find_space("munas");
  const Screen screen(kSmallImages, kSmallBudget, {.memory = memory});
  Searcher searcher(space, screen,
                    make_strategy("random", JsonField(kNoOptions, "test"),
                                  {.space = space, .budget = kSmallBudget, .expected_trials = 4}),
                    kOptions);
  int refused = 0;
  for (int slot = 0; slot < 4; ++slot) {
    for (const Trial& trial : searcher.ask()) {
      if (trial.reason == "pools are not known") {
        EXPECT_EQ(trial.status, TrialStatus::kRejected);
        ++refused;
      }
      if (trial.status == TrialStatus::kRunning) {
        EXPECT_TRUE(screen(screen.graph(trial.genotype)).fits());
      }
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace thimble
