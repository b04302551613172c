#include "thimble/space/mlp.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace thimble {
namespace {

std::string mlp_complaint(const Json& json) {
  try {
    mlp_from_json(JsonField(json, "g"));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Mlp, IsAChainOfDenseLayersWithDropoutBetweenThem) {
  const Graph graph = mlp_graph({{30, 20}}, {.input = {4, 5, 2}, .classes = 7, .dropout = 0.5F});
  Graph expected;
  NodeId last = expected.input({4, 5, 2});
  last = expected.add(Dense{.units = 30, .activation = Activation::kRelu}, {last});
  last = expected.add(Dropout{0.5F}, {last});
  last = expected.add(Dense{.units = 20, .activation = Activation::kRelu}, {last});
  last = expected.add(Dense{.units = 7}, {last});
  expected.mark_output(last);
  EXPECT_EQ(graph, expected) << describe(graph);
}

TEST(Mlp, IsDrawnWithOneToSevenLayersOfTenTo256Units) {
  Rng rng(41);
  std::size_t fewest = 100, most = 0;
  int smallest = 1000, largest = 0;
  for (int i = 0; i < 3000; ++i) {
    const MlpGenotype genotype = random_mlp(rng);
    fewest = std::min(fewest, genotype.dense.size());
    most = std::max(most, genotype.dense.size());
    smallest = std::min(smallest, std::ranges::min(genotype.dense));
    largest = std::max(largest, std::ranges::max(genotype.dense));
  }
  EXPECT_EQ(fewest, 1U);
  EXPECT_EQ(most, 7U);
  EXPECT_EQ(smallest, 10);
  EXPECT_EQ(largest, 256);
}

// 12 units: -1, +1, +5 (12 - 5 is below 10); 256: -5, -1; one layer removed, one appended.
TEST(Mlp, HasTheNeighboursThatTheReferenceLists) {
  Rng rng(42);
  const MlpGenotype parent{{12, 256}};
  const auto neighbours = mlp_neighbours(parent, rng);
  ASSERT_EQ(neighbours.size(), 7U);
  for (const int units : {11, 13, 17}) {
    EXPECT_NE(std::ranges::find(neighbours, MlpGenotype{{units, 256}}), neighbours.end()) << units;
  }
  for (const int units : {251, 255}) {
    EXPECT_NE(std::ranges::find(neighbours, MlpGenotype{{12, units}}), neighbours.end()) << units;
  }
  EXPECT_EQ(neighbours[5].dense.size(), 1U);
  ASSERT_EQ(neighbours[6].dense.size(), 3U);
  EXPECT_EQ(neighbours[6].dense[1], 256) << "the new layer is the last";
  EXPECT_EQ(mlp_neighbours({std::vector<int>(7, 100)}, rng).size(), 4U * 7 + 1) << "none appended";
  EXPECT_EQ(mlp_neighbours({{100}}, rng).size(), 4U + 1) << "none removed";
}

TEST(Mlp, IsReadFromJsonWithErrorsThatNameTheField) {
  const Json json = to_json(MlpGenotype{{10, 256}});
  EXPECT_EQ(json.dump(), R"({"dense":[10,256],"space":"mlp"})");
  EXPECT_EQ(mlp_from_json(JsonField(json, "g")), (MlpGenotype{{10, 256}}));
  EXPECT_EQ(mlp_complaint({{"space", "mlp"}, {"dense", Json::array()}}),
            "g: dense = []: must hold 1 to 7 dense layers");
  EXPECT_EQ(mlp_complaint({{"space", "mlp"}, {"dense", {9}}}),
            "g: dense[0] = 9: must be a whole number in 10..256");
  EXPECT_EQ(mlp_complaint({{"space", "mlp"}}), "g: dense: is missing");
  EXPECT_EQ(mlp_complaint({{"space", "mlp"}, {"dense", {10}}, {"pool", 1}}),
            "g: pool: is no known field");
}

// 7 · 247^7
TEST(Mlp, LiesInASpaceOfTenToThe17) { EXPECT_NEAR(mlp_log10_size(), 17.594, 0.001); }

}  // namespace
}  // namespace thimble
