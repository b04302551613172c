#include "thimble/space/munas_genotype.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "thimble/space/munas_random.hpp"

namespace thimble {
namespace {

constexpr const char* kText = R"({
  "space": "munas",
  "blocks": [
    {"branch": false, "layers": [
      {"type": "conv", "pre_pool": false, "kernel": 3, "stride": 2, "filters": 16, "batch_norm": true, "relu": true},
      {"type": "pointwise", "pre_pool": true, "filters": 8, "batch_norm": false, "relu": true}]},
    {"branch": true, "layers": [
      {"type": "depthwise", "pre_pool": false, "kernel": 7, "stride": 1, "batch_norm": false, "relu": false}]}],
  "pool": {"kind": "average", "size": 4},
  "dense": [32, 10]
})";

MunasGenotype read(const Json& json) { return munas_from_json(JsonField(json, "genotype.json")); }

/// What reading says when the value at `pointer` is replaced (or added).
std::string complaint(const char* pointer, const Json& value) {
  Json json = Json::parse(kText);
  json[Json::json_pointer(pointer)] = value;
  try {
    read(json);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

std::string complaint_without(const char* parent, const char* key) {
  Json json = Json::parse(kText);
  json[Json::json_pointer(parent)].erase(key);
  try {
    read(json);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(MunasGenotype, IsReadFromTheTextThatAPersonWrites) {
  const MunasGenotype expected{
      .blocks = {{false,
                  {{.type = LayerType::kConv,
                    .kernel = 3,
                    .filters = 16,
                    .stride = 2,
                    .batch_norm = true,
                    .relu = true},
                   {.type = LayerType::kPointwise, .filters = 8, .pre_pool = true, .relu = true}}},
                 {true, {{.type = LayerType::kDepthwise, .kernel = 7}}}},
      .pool = FinalPool{PoolKind::kAverage, 4},
      .dense = {32, 10}};
  EXPECT_EQ(read(Json::parse(kText)), expected);
  EXPECT_EQ(to_json(expected).dump(), OrderedJson::parse(kText).dump()) << "fields in this order";
}

TEST(MunasGenotype, SurvivesJson) {
  Rng rng(31);
  for (int i = 0; i < 500; ++i) {
    const MunasGenotype genotype = random_munas(rng);
    EXPECT_EQ(read(Json::parse(to_json(genotype).dump())), genotype);
  }
}

TEST(MunasGenotype, NamesTheFieldThatIsOutOfItsRange) {
  EXPECT_EQ(complaint("/blocks/0/layers/0/kernel", 4),
            "genotype.json: blocks[0].layers[0].kernel = 4: must be 3, 5 or 7");
  EXPECT_EQ(complaint("/blocks/0/layers/0/kernel", "big"),
            "genotype.json: blocks[0].layers[0].kernel = \"big\": must be 3, 5 or 7");
  EXPECT_EQ(complaint("/blocks/0/layers/0/kernel", 18446744073709551615ULL),
            "genotype.json: blocks[0].layers[0].kernel = 18446744073709551615: must be 3, 5 or 7");
  EXPECT_EQ(complaint("/blocks/0/layers/0/stride", 3),
            "genotype.json: blocks[0].layers[0].stride = 3: must be a whole number in 1..2");
  EXPECT_EQ(complaint("/blocks/0/layers/1/filters", 129),
            "genotype.json: blocks[0].layers[1].filters = 129: must be a whole number in 1..128");
  EXPECT_EQ(complaint("/blocks/0/layers/1/filters", 0),
            "genotype.json: blocks[0].layers[1].filters = 0: must be a whole number in 1..128");
  EXPECT_EQ(complaint("/pool/size", 3), "genotype.json: pool.size = 3: must be 2, 4 or 6");
  EXPECT_EQ(complaint("/pool/kind", "min"),
            "genotype.json: pool.kind = \"min\": must be max or average");
  EXPECT_EQ(complaint("/dense/1", 257),
            "genotype.json: dense[1] = 257: must be a whole number in 10..256");
  EXPECT_EQ(complaint("/blocks/0/branch", true),
            "genotype.json: blocks[0].branch = true: the first block must be serial: false");
}

TEST(MunasGenotype, NamesTheFieldThatIsOfTheWrongKind) {
  EXPECT_EQ(complaint("/blocks/1/branch", 1),
            "genotype.json: blocks[1].branch = 1: must be true or false");
  EXPECT_EQ(complaint("/blocks/1/layers/0/relu", "yes"),
            "genotype.json: blocks[1].layers[0].relu = \"yes\": must be true or false");
  EXPECT_EQ(complaint("/blocks/0/layers/0/type", "depthwize"),
            "genotype.json: blocks[0].layers[0].type = \"depthwize\": must be conv, pointwise or "
            "depthwise "
            "(did you mean \"depthwise\"?)");
  EXPECT_EQ(complaint("/blocks/0/layers/0/type", 1),
            "genotype.json: blocks[0].layers[0].type = 1: must be a text in quotes");
  EXPECT_EQ(complaint("/pool", nullptr), "genotype.json: pool = null: must be an object");
  EXPECT_EQ(complaint("/dense", 10), "genotype.json: dense = 10: must be a list");
  EXPECT_EQ(complaint("/blocks/0/layers/0", 3),
            "genotype.json: blocks[0].layers[0] = 3: must be an object");
}

TEST(MunasGenotype, NamesTheListOfTheWrongLength) {
  EXPECT_EQ(complaint("/blocks", Json::array()),
            "genotype.json: blocks = []: must hold 1 to 10 blocks");
  EXPECT_EQ(complaint("/blocks/1/layers", Json::array()),
            "genotype.json: blocks[1].layers = []: must hold 1 to 3 layers");
  EXPECT_EQ(complaint("/dense", {10, 10, 10, 10}),
            "genotype.json: dense = [10,10,10,10]: must hold 1 to 3 dense layers");
}

TEST(MunasGenotype, RefusesFieldsThatAreUnknownMissingOrNotOfTheLayersType) {
  EXPECT_EQ(
      complaint("/blocks/0/layers/0/filter", 3),
      "genotype.json: blocks[0].layers[0].filter: is no known field (did you mean \"filters\"?)");
  EXPECT_EQ(complaint("/blocks/0/width", 3), "genotype.json: blocks[0].width: is no known field");
  EXPECT_EQ(complaint("/pool/padding", 3), "genotype.json: pool.padding: is no known field");
  EXPECT_EQ(complaint("/learning_rate", 3), "genotype.json: learning_rate: is no known field");
  EXPECT_EQ(complaint_without("/blocks/0/layers/0", "kernel"),
            "genotype.json: blocks[0].layers[0].kernel: is missing");
  EXPECT_EQ(complaint_without("/blocks/1", "branch"),
            "genotype.json: blocks[1].branch: is missing");
  EXPECT_EQ(complaint_without("", "dense"), "genotype.json: dense: is missing");
  EXPECT_EQ(complaint_without("", "pool"), "accepted") << "no final pool";
  EXPECT_EQ(complaint("/blocks/0/layers/1/kernel", 3),
            "genotype.json: blocks[0].layers[1].kernel = 3: a pointwise layer has none: leave the "
            "field out");
  EXPECT_EQ(complaint("/blocks/0/layers/1/stride", 1),
            "genotype.json: blocks[0].layers[1].stride = 1: a pointwise layer has none: leave the "
            "field out");
  EXPECT_EQ(complaint("/blocks/1/layers/0/filters", 3),
            "genotype.json: blocks[1].layers[0].filters = 3: a depthwise layer has none: leave the "
            "field out");
}

// As its authors count: blocks 10; in each of 10 blocks 2 (branch) · 3 (layers) and in each of 3
// layers 3 types · 5 (kernel, step ignored) · 128 filters · 2^4 flags; pool 2 · 5; dense 3 · 247^3.
TEST(MunasGenotype, LiesInASpaceOfTenToThe152) {
  const double by_hand = 1 + 10 * (std::log10(2 * 3) + 3 * std::log10(3 * 5 * 128 * 16)) + 1 +
                         std::log10(3) + 3 * std::log10(247);
  EXPECT_NEAR(munas_log10_size(), by_hand, 1e-9);
  EXPECT_NEAR(munas_log10_size(), 152.06, 0.005);
}

}  // namespace
}  // namespace thimble
