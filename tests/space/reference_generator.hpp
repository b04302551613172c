#pragma once

#include "thimble/space/munas_genotype.hpp"

namespace thimble {

/// A random genotype as μNAS's own program drew it: in each range the upper end never came up. Its
/// published statistics are of such genotypes. Told again here, apart from `random_munas`, so that
/// the two may disagree.
inline MunasGenotype reference_munas(Rng& rng) {
  const auto below = [&](int low, int high, int step) {
    return low + step * static_cast<int>(rng.uniform_int(0, (high - low) / step - 1));
  };
  MunasGenotype genotype;
  genotype.blocks.resize(static_cast<std::size_t>(below(1, 10, 1)));
  for (std::size_t b = 0; b < genotype.blocks.size(); ++b) {
    genotype.blocks[b].branch = b > 0 && rng.chance(0.5);
    genotype.blocks[b].layers.resize(static_cast<std::size_t>(below(1, 3, 1)));
    for (MunasLayer& layer : genotype.blocks[b].layers) {
      layer.type = static_cast<LayerType>(rng.uniform_int(0, 2));
      if (layer.type != LayerType::kPointwise) layer.kernel = below(3, 7, 2);
      if (layer.type != LayerType::kPointwise) layer.stride = rng.chance(0.5) ? 1 : 2;
      if (layer.type != LayerType::kDepthwise) layer.filters = below(1, 128, 1);
      layer.pre_pool = rng.chance(0.25);
      layer.batch_norm = rng.chance(0.5);
      layer.relu = rng.chance(0.9);
    }
  }
  if (rng.chance(0.9)) {
    genotype.pool = {rng.chance(0.5) ? PoolKind::kMax : PoolKind::kAverage, below(2, 6, 2)};
  }
  genotype.dense.resize(static_cast<std::size_t>(below(1, 3, 1)));
  for (int& units : genotype.dense) units = below(10, 256, 1);
  return genotype;
}

}  // namespace thimble
