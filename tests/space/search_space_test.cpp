#include "thimble/space/search_space.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>

#include "space/counts.hpp"
#include "thimble/graph/deploy.hpp"

namespace thimble {
namespace {

std::int64_t trained_parameters(const Graph& training) {
  return count_parameters(deployed(training));
}

/// Elements of the first tensor that is computed, which lies in memory beside the input.
std::int64_t first_tensor(const Graph& graph) { return graph.shape(1).elements(); }

template <class Measure>
std::int64_t least(const std::vector<Genotype>& genotypes, const Task& task, Measure measure) {
  std::int64_t best = std::numeric_limits<std::int64_t>::max();
  for (const Genotype& genotype : genotypes) {
    best = std::min(best, measure(genotype_graph(genotype, task)));
  }
  return best;
}

std::string complaint(const Json& json) {
  try {
    genotype_from_json(JsonField(json, "g.json"));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

class EverySpace : public testing::TestWithParam<const SearchSpace*> {};

TEST_P(EverySpace, IsFoundByItsNameAndByItsGenotypes) {
  Rng rng(51);
  EXPECT_EQ(&find_space(GetParam()->name()), GetParam());
  EXPECT_EQ(&space_of(GetParam()->random(rng)), GetParam());
  EXPECT_FALSE(GetParam()->description().empty());
}

TEST_P(EverySpace, SurvivesJson) {
  Rng rng(52);
  for (int i = 0; i < 100; ++i) {
    const Genotype genotype = GetParam()->random(rng);
    const Json json = Json::parse(to_json(genotype).dump());
    EXPECT_EQ(json["space"], GetParam()->name());
    EXPECT_EQ(genotype_from_json(JsonField(json, "g")), genotype);
  }
}

TEST_P(EverySpace, MutatesIntoAnotherGenotypeThatHasAGraph) {
  Rng rng(53);
  const Task task{.input = {16, 12, 3}, .classes = 4};
  Genotype genotype = GetParam()->random(rng);
  for (int i = 0; i < 2000; ++i) {
    const Genotype child = GetParam()->mutate(genotype, rng);
    ASSERT_NE(child, genotype);
    ASSERT_EQ(genotype_graph(child, task).shape(genotype_graph(child, task).output()).channels, 4);
    genotype = child;
  }
}

TEST_P(EverySpace, ListsNeighboursThatAllDiffer) {
  Rng rng(54);
  for (int i = 0; i < 20; ++i) {
    const Genotype genotype = GetParam()->random(rng);
    const auto neighbours = GetParam()->neighbours(genotype, rng);
    EXPECT_GE(neighbours.size(), 4U);
    EXPECT_EQ(std::ranges::count(neighbours, genotype), 0);
  }
}

TEST_P(EverySpace, RepeatsItselfFromTheSameSeed) {
  Rng first(55), second(55);
  const Genotype a = GetParam()->random(first);
  const Genotype b = GetParam()->random(second);
  EXPECT_EQ(a, b);
  EXPECT_EQ(GetParam()->mutate(a, first), GetParam()->mutate(b, second));
  EXPECT_EQ(GetParam()->neighbours(a, first), GetParam()->neighbours(b, second));
}

// A local descent over whole neighbourhoods finds nothing cheaper than the cheapest of smallest()
// either.
TEST_P(EverySpace, KnowsGenotypesThanWhichNoneIsCheaper) {
  for (const Task& task :
       {Task{.input = {28, 28, 1}, .classes = 10}, Task{.input = {32, 32, 3}, .classes = 2}}) {
    const auto smallest = GetParam()->smallest();
    Rng rng(56);
    std::vector<Genotype> others;
    for (int i = 0; i < 1000; ++i) others.push_back(GetParam()->random(rng));
    for (const Genotype& genotype : smallest) {
      EXPECT_EQ(&space_of(genotype), GetParam());
      for (Genotype& near : GetParam()->neighbours(genotype, rng))
        others.push_back(std::move(near));
    }
    EXPECT_LE(least(smallest, task, trained_parameters), least(others, task, trained_parameters));
    EXPECT_LE(least(smallest, task, first_tensor), least(others, task, first_tensor));
  }
}

INSTANTIATE_TEST_SUITE_P(SearchSpace, EverySpace,
                         testing::ValuesIn(all_spaces().begin(), all_spaces().end()),
                         [](const auto& space) { return std::string(space.param->name()); });

// {100} has five neighbours: 95, 99, 101, 105 and one with a second layer. 5,000 draws: 1,000 each,
// deviation 28.
TEST(SearchSpace, DrawsAMutationUniformlyFromTheNeighbourhood) {
  Rng rng(57);
  std::map<int, int> drawn;
  for (int i = 0; i < 5000; ++i) {
    const auto child = std::get<MlpGenotype>(find_space("mlp").mutate(MlpGenotype{{100}}, rng));
    ++drawn[child.dense.size() == 2 ? 0 : child.dense[0]];
  }
  EXPECT_EQ(drawn.size(), 5U);
  for (const auto& [kind, count] : drawn) EXPECT_NEAR(count, 1000, 140) << kind;
}

TEST(SearchSpace, SuggestsTheNearestNameForAnUnknownOne) {
  EXPECT_THROW(
      try { find_space("munass"); } catch (const ConfigError& error) {
        EXPECT_STREQ(error.what(),
                     "space = \"munass\": must be munas or mlp (did you mean \"munas\"?)");
        throw;
      },
      ConfigError);
}

TEST(SearchSpace, RefusesAGenotypeOfNoKnownSpace) {
  EXPECT_EQ(complaint({{"space", "mpl"}, {"dense", {10}}}),
            "g.json: space = \"mpl\": must be munas or mlp (did you mean \"mlp\"?)");
  EXPECT_EQ(complaint({{"dense", {10}}}), "g.json: space: is missing");
  EXPECT_EQ(complaint(Json::array()), "g.json: []: must be an object");
}

}  // namespace
}  // namespace thimble
