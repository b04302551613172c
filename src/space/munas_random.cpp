#include "thimble/space/munas_random.hpp"

namespace thimble {

MunasLayer random_munas_layer(LayerType type, Rng& rng) {
  MunasLayer layer{.type = type};
  if (layer.has_kernel()) {
    layer.kernel = munas::kKernel.draw(rng);
    layer.stride = rng.chance(0.5) ? 2 : 1;
  }
  if (layer.has_filters()) layer.filters = munas::kFilters.draw(rng);
  layer.pre_pool = rng.chance(0.25);
  layer.batch_norm = rng.chance(0.5);
  layer.relu = rng.chance(0.9);
  return layer;
}

MunasLayer random_munas_layer(Rng& rng) {
  return random_munas_layer(static_cast<LayerType>(rng.uniform_int(0, 2)), rng);
}

FinalPool random_munas_pool(Rng& rng) {
  const PoolKind kind = rng.chance(0.5) ? PoolKind::kMax : PoolKind::kAverage;
  return {.kind = kind, .size = munas::kPoolSize.draw(rng)};
}

MunasGenotype random_munas(Rng& rng) {
  MunasGenotype genotype;
  const int blocks = munas::kBlocks.draw(rng);
  for (int b = 0; b < blocks; ++b) {
    MunasBlock block{.branch = b > 0 && rng.chance(0.5)};
    const int layers = munas::kLayers.draw(rng);
    for (int i = 0; i < layers; ++i) block.layers.push_back(random_munas_layer(rng));
    genotype.blocks.push_back(std::move(block));
  }
  if (rng.chance(0.9)) genotype.pool = random_munas_pool(rng);
  const int dense = munas::kDenseLayers.draw(rng);
  for (int i = 0; i < dense; ++i) genotype.dense.push_back(munas::kUnits.draw(rng));
  return genotype;
}

}  // namespace thimble
