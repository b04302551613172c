#include "thimble/space/munas_genotype.hpp"

#include <array>
#include <cmath>
#include <string>

#include "thimble/core/text.hpp"

namespace thimble {
namespace {

const std::array<std::string, 3> kTypeNames{"conv", "pointwise", "depthwise"};

OrderedJson layer_json(const MunasLayer& layer) {
  OrderedJson json{{"type", kTypeNames[static_cast<std::size_t>(layer.type)]}};
  json["pre_pool"] = layer.pre_pool;
  if (layer.has_kernel()) json["kernel"] = layer.kernel;
  if (layer.has_kernel()) json["stride"] = layer.stride;
  if (layer.has_filters()) json["filters"] = layer.filters;
  json["batch_norm"] = layer.batch_norm;
  json["relu"] = layer.relu;
  return json;
}

LayerType read_type(const JsonField& field) {
  const std::string name = field.text();
  for (std::size_t i = 0; i < kTypeNames.size(); ++i) {
    if (kTypeNames[i] == name) return static_cast<LayerType>(i);
  }
  field.reject("must be conv, pointwise or depthwise" + did_you_mean(name, kTypeNames));
}

/// One of three values a step of 2 apart.
int read_stepped(const JsonField& field, const IntegerRange& range) {
  const std::string wanted =
      fmt::format("must be {}, {} or {}", range.low, range.low + range.step, range.high);
  if (!field.value().is_number_integer()) field.reject(wanted);
  const auto value = field.value().get<std::int64_t>();
  if (!range.contains(value)) field.reject(wanted);
  return static_cast<int>(value);
}

int read_whole(const JsonField& field, const IntegerRange& range) {
  return static_cast<int>(field.integer(range.low, range.high));
}

/// The length of a list, checked.
std::size_t read_count(const JsonField& list, const IntegerRange& range, std::string_view what) {
  if (!range.contains(static_cast<std::int64_t>(list.size()))) {
    list.reject(fmt::format("must hold {} to {} {}", range.low, range.high, what));
  }
  return list.size();
}

MunasLayer read_layer(const JsonField& field) {
  field.only({"type", "pre_pool", "kernel", "stride", "filters", "batch_norm", "relu"});
  MunasLayer layer{.type = read_type(field.at("type"))};
  for (const std::string_view key : {"kernel", "stride"}) {
    if (!layer.has_kernel() && field.has(key)) {
      field.at(key).reject("a pointwise layer has none: leave the field out");
    }
  }
  if (!layer.has_filters() && field.has("filters")) {
    field.at("filters").reject("a depthwise layer has none: leave the field out");
  }
  if (layer.has_kernel()) {
    layer.kernel = read_stepped(field.at("kernel"), munas::kKernel);
    layer.stride = read_whole(field.at("stride"), {1, 2});
  }
  if (layer.has_filters()) layer.filters = read_whole(field.at("filters"), munas::kFilters);
  layer.pre_pool = field.at("pre_pool").boolean();
  layer.batch_norm = field.at("batch_norm").boolean();
  layer.relu = field.at("relu").boolean();
  return layer;
}

MunasBlock read_block(const JsonField& field) {
  field.only({"branch", "layers"});
  MunasBlock block{.branch = field.at("branch").boolean()};
  const JsonField layers = field.at("layers");
  const std::size_t count = read_count(layers, munas::kLayers, "layers");
  for (std::size_t i = 0; i < count; ++i) block.layers.push_back(read_layer(layers.at(i)));
  return block;
}

FinalPool read_pool(const JsonField& field) {
  field.only({"kind", "size"});
  const std::string kind = field.at("kind").text();
  if (kind != "max" && kind != "average") field.at("kind").reject("must be max or average");
  return {.kind = kind == "max" ? PoolKind::kMax : PoolKind::kAverage,
          .size = read_stepped(field.at("size"), munas::kPoolSize)};
}

}  // namespace

OrderedJson to_json(const MunasGenotype& genotype) {
  OrderedJson json{{"space", "munas"}};
  json["blocks"] = OrderedJson::array();
  for (const MunasBlock& block : genotype.blocks) {
    OrderedJson layers = OrderedJson::array();
    for (const MunasLayer& layer : block.layers) layers.push_back(layer_json(layer));
    OrderedJson entry{{"branch", block.branch}};
    entry["layers"] = std::move(layers);
    json["blocks"].push_back(std::move(entry));
  }
  if (genotype.pool) {
    json["pool"]["kind"] = genotype.pool->kind == PoolKind::kMax ? "max" : "average";
    json["pool"]["size"] = genotype.pool->size;
  }
  json["dense"] = genotype.dense;
  return json;
}

MunasGenotype munas_from_json(const JsonField& field) {
  field.only({"space", "blocks", "pool", "dense"});
  MunasGenotype genotype;
  const JsonField blocks = field.at("blocks");
  const std::size_t block_count = read_count(blocks, munas::kBlocks, "blocks");
  for (std::size_t i = 0; i < block_count; ++i) genotype.blocks.push_back(read_block(blocks.at(i)));
  if (genotype.blocks[0].branch) {
    blocks.at(0).at("branch").reject("the first block must be serial: false");
  }
  if (field.has("pool")) genotype.pool = read_pool(field.at("pool"));
  const JsonField dense = field.at("dense");
  const std::size_t dense_count = read_count(dense, munas::kDenseLayers, "dense layers");
  for (std::size_t i = 0; i < dense_count; ++i) {
    genotype.dense.push_back(read_whole(dense.at(i), munas::kUnits));
  }
  return genotype;
}

double munas_log10_size() {
  const auto span = [](const IntegerRange& range) {
    return std::log10(range.high - range.low + 1);
  };
  constexpr int kTypes = 3;
  constexpr int kFlags = 2 * 2 * 2 * 2;  // pre-pool, stride 2, batch norm, ReLU
  const double layer = std::log10(kTypes * kFlags) + span(munas::kKernel) + span(munas::kFilters);
  const double block = std::log10(2) + span(munas::kLayers) + munas::kLayers.high * layer;
  const double pool = std::log10(2) + span(munas::kPoolSize);
  const double dense = span(munas::kDenseLayers) + munas::kDenseLayers.high * span(munas::kUnits);
  return span(munas::kBlocks) + munas::kBlocks.high * block + pool + dense;
}

}  // namespace thimble
