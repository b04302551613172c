#include "thimble/search/aging_evolution.hpp"

#include <gmock/gmock.h>

#include <map>

#include "thimble/core/error.hpp"
#include "toy.hpp"

namespace thimble {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::ThrowsMessage;

/// A network of one layer, so that all about a trial can be told from its units.
Trial mlp_trial(std::int64_t id, double accuracy, Bytes ram = 1_KiB) {
  return {.id = id,
          .slot = id,
          .genotype = MlpGenotype{{static_cast<int>(20 + id)}},
          .status = TrialStatus::kEvaluated,
          .usage = {.ram = ram, .flash = 1_KiB, .macs = 1_MMAC},
          .val_accuracy = accuracy};
}

AgingEvolution evolution(const AgingEvolutionOptions& options) {
  return AgingEvolution(options, {.space = find_space("mlp"),
                                  .budget = {.ram = 1_KiB, .flash = {}, .macs = {}},
                                  .expected_trials = {}});
}

/// How often each member becomes a parent.
std::map<std::int64_t, int> parents(AgingEvolution& strategy, int selections) {
  Rng rng(1);
  std::map<std::int64_t, int> counts;
  for (int i = 0; i < selections; ++i) ++counts[*strategy.propose({.slot = 100}, rng).parent];
  return counts;
}

TEST(AgingEvolution, BeginsWithRandomNetworksThenHasChildren) {
  AgingEvolution strategy = evolution({.population = 3});
  Rng rng(1);
  EXPECT_FALSE(strategy.propose({.slot = 0}, rng).parent);
  for (std::int64_t id = 0; id < 3; ++id) strategy.tell(mlp_trial(id, 0.5));
  EXPECT_FALSE(strategy.propose({.slot = 2}, rng).parent);
  EXPECT_TRUE(strategy.propose({.slot = 3}, rng).parent);
}

TEST(AgingEvolution, IsRandomUntilThereIsAParent) {
  AgingEvolution strategy = evolution({.population = 2});
  Rng rng(1);
  EXPECT_FALSE(strategy.propose({.slot = 5}, rng).parent);
  strategy.tell(mlp_trial(0, 0.5));
  EXPECT_EQ(strategy.propose({.slot = 6}, rng).parent, 0);
}

TEST(AgingEvolution, TheOldestDieHoweverGood) {
  AgingEvolution strategy = evolution({.population = 3});
  for (std::int64_t id = 0; id < 5; ++id) strategy.tell(mlp_trial(id, id == 0 ? 0.99 : 0.5));
  std::vector<std::int64_t> alive;
  for (const auto& member : strategy.population()) alive.push_back(member.id);
  EXPECT_THAT(alive, ElementsAre(2, 3, 4));
}

TEST(AgingEvolution, ATournamentOfAllIsWonByTheBest) {
  AgingEvolution strategy =
      evolution({.population = 4, .sample = 4, .replacement = false, .resource_weight = 0});
  strategy.tell(mlp_trial(0, 0.7));
  strategy.tell(mlp_trial(1, 0.9));
  strategy.tell(mlp_trial(2, 0.8));
  strategy.tell(mlp_trial(3, 0.6));
  EXPECT_THAT(parents(strategy, 50), ElementsAre(testing::Pair(1, 50)));
}

// Without the best: (3/4)⁴ = 0.316; of 2,000 selections 633, standard deviation 21. Then the second
// best, unless it is missing too: (2/4)⁴ = 0.0625.
TEST(AgingEvolution, WithReplacementTheBestCanMissTheTournament) {
  AgingEvolution strategy = evolution({.population = 4, .sample = 4, .resource_weight = 0});
  for (std::int64_t id = 0; id < 4; ++id) {
    strategy.tell(mlp_trial(id, 0.9 - 0.1 * static_cast<double>(id)));
  }
  const auto counts = parents(strategy, 2000);
  EXPECT_THAT(2000 - counts.at(0), AllOf(Ge(533), Le(733)));
  EXPECT_THAT(counts.at(2) + counts.at(3), AllOf(Ge(75), Le(175)));
}

// Ratios: member 0 (1, 1), member 1 (2, 0.5) with weight 1. Member 0 loses when max(1/a, 1/b) >
// max(2/a, 0.5/b), that is when b < a/2: probability 1/4.
TEST(AgingEvolution, ASmallNetworkWinsWhereItsResourceDecides) {
  AgingEvolution strategy = evolution(
      {.population = 2, .sample = 2, .replacement = false, .morphs = 1, .resource_weight = 1});
  strategy.tell(mlp_trial(0, 0.9, 1024_B));
  strategy.tell(mlp_trial(1, 0.8, 512_B));
  EXPECT_THAT(parents(strategy, 4000).at(1), AllOf(Ge(880), Le(1120)));
}

TEST(AgingEvolution, AFailedTrialHasTheWorstError) {
  AgingEvolution strategy =
      evolution({.population = 2, .sample = 2, .replacement = false, .resource_weight = 0});
  Trial failed = mlp_trial(0, 0.99);
  failed.status = TrialStatus::kFailed;
  strategy.tell(failed);
  strategy.tell(mlp_trial(1, 0.01));
  EXPECT_DOUBLE_EQ(strategy.population()[0].error, 1);
  EXPECT_THAT(parents(strategy, 50), ElementsAre(testing::Pair(1, 50)));
}

// The morphs of one layer of 20 units: units by ±1 and ±5, or a second layer.
TEST(AgingEvolution, OneMorphIsOneStep) {
  AgingEvolution strategy = evolution({.population = 1, .morphs = 1});
  strategy.tell(mlp_trial(0, 0.5));
  Rng rng(1);
  for (int i = 0; i < 200; ++i) {
    const auto child = std::get<MlpGenotype>(strategy.propose({.slot = 9}, rng).genotype).dense;
    if (child.size() == 2) {
      EXPECT_EQ(child[0], 20);
    } else {
      EXPECT_THAT(child, ElementsAre(testing::AnyOf(15, 19, 21, 25)));
    }
  }
}

TEST(AgingEvolution, KeepsAParentForAWhileAndAtLastTakesARandomNetwork) {
  AgingEvolution strategy = evolution({.population = 50, .sample = 1});
  for (std::int64_t id = 0; id < 50; ++id) strategy.tell(mlp_trial(id, 0.5));
  Rng rng(1);
  std::vector<std::int64_t> of_draw;
  for (int draw = 0; draw < 1000; ++draw) {
    of_draw.push_back(*strategy.propose({.slot = 60, .draw = draw}, rng).parent);
  }
  for (std::size_t draw = 0; draw < 1000; ++draw) {
    EXPECT_EQ(of_draw[draw], of_draw[draw / 100 * 100]);
  }
  EXPECT_GT(std::set<std::int64_t>(of_draw.begin(), of_draw.end()).size(), 5U);
  EXPECT_FALSE(strategy.propose({.slot = 60, .draw = 1000}, rng).parent);
}

TEST(AgingEvolution, FitsItsPopulationToTheLengthOfTheSearch) {
  const auto resolved = [](std::optional<std::int64_t> trials) {
    const AgingEvolution strategy(
        {}, {.space = find_space("mlp"), .budget = {}, .expected_trials = trials});
    return std::pair(strategy.options().population, strategy.options().sample);
  };
  EXPECT_EQ(resolved(10), std::pair(8, 4));
  EXPECT_EQ(resolved(80), std::pair(20, 5));
  EXPECT_EQ(resolved(240), std::pair(60, 15));
  EXPECT_EQ(resolved(2000), std::pair(100, 25));
  EXPECT_EQ(resolved({}), std::pair(100, 25));
}

TEST(AgingEvolution, ReadsItsOptions) {
  const Json json = {{"population", 12}, {"sample", 5},         {"replacement", false},
                     {"morphs", 1},      {"error_bound", 0.18}, {"resource_weight", 0.5}};
  const auto options = AgingEvolutionOptions::from_json(JsonField(json, "x.toml"));
  EXPECT_EQ(options.population, 12);
  EXPECT_EQ(options.sample, 5);
  EXPECT_FALSE(options.replacement);
  EXPECT_EQ(options.morphs, 1);
  EXPECT_EQ(options.error_bound, 0.18);
  EXPECT_EQ(options.resource_weight, 0.5);
}

TEST(Strategies, AreMadeByName) {
  const SearchProblem problem{.space = find_space("mlp"), .budget = {}, .expected_trials = {}};
  for (const StrategyInfo& info : all_strategies()) {
    EXPECT_NE(make_strategy(info.name, JsonField(kNoOptions, "x.toml"), problem), nullptr);
  }
}

TEST(Strategies, WhatIsWrongIsNamed) {
  const SearchProblem problem{.space = find_space("mlp"), .budget = {}, .expected_trials = {}};
  const auto make = [&](std::string_view name, const Json& options) {
    return [&, name, options] { make_strategy(name, JsonField(options, "x.toml"), problem); };
  };
  EXPECT_THAT(make("evolutoin", kNoOptions),
              ThrowsMessage<ConfigError>(HasSubstr("(did you mean \"evolution\"?)")));
  EXPECT_THAT(make("evolution", {{"populatoin", 5}}),
              ThrowsMessage<ConfigError>(HasSubstr("population")));
  EXPECT_THAT(make("evolution", {{"population", -1}}),
              ThrowsMessage<ConfigError>(HasSubstr("population = -1")));
  EXPECT_THAT(make("evolution", {{"morphs", 0}}),
              ThrowsMessage<ConfigError>(HasSubstr("morphs = 0")));
  EXPECT_THAT(make("evolution", {{"error_bound", 1.5}}),
              ThrowsMessage<ConfigError>(HasSubstr("error_bound = 1.5: must be between 0 and 1")));
  EXPECT_THAT(make("random", {{"population", 5}}),
              ThrowsMessage<ConfigError>(HasSubstr("population")));
}

}  // namespace
}  // namespace thimble
