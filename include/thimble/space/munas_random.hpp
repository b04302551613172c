#pragma once

#include "thimble/space/munas_genotype.hpp"

namespace thimble {

/// Uniform over every variable, the ends of its range included, but for three weighted coins: ReLU
/// 0.9, pre-pool 0.25 and a final pool 0.9.
MunasGenotype random_munas(Rng& rng);

/// One layer of `random_munas`, and one with its type given.
MunasLayer random_munas_layer(Rng& rng);
MunasLayer random_munas_layer(LayerType type, Rng& rng);

FinalPool random_munas_pool(Rng& rng);

}  // namespace thimble
