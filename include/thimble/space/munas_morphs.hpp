#pragma once

#include <vector>

#include "thimble/space/munas_genotype.hpp"

namespace thimble {

/// One step from a genotype to a neighbour: what is changed, where, and by how much.
struct MunasMorph {
  enum class Kind {
    kChangeFilters,  // by ±1, ±3, ±5
    kChangeKernel,   // by ±2
    kChangeType,     // `amount` is the new LayerType; the other fields of the layer are drawn anew
    kToggleBatchNorm,
    kToggleRelu,
    kTogglePrePool,
    kToggleStride,
    kInsertLayer,  // a random one, before a layer drawn uniformly; never behind the last
    kRemoveLayer,  // drawn uniformly
    kToggleBranch,
    kRemoveBlock,        // this one, which has a single layer
    kRemoveRandomBlock,  // drawn uniformly
    kAppendBlock,        // of one random layer
    kTogglePool,         // off, or to a random pool
    kChangePoolKind,
    kChangePoolSize,  // by ±2
    kChangeUnits,     // by ±1, ±3, ±5
    kAppendDense,     // of random units
    kRemoveDense,     // drawn uniformly
  };

  Kind kind;
  int block = 0;
  /// In the block; for kChangeUnits the dense layer.
  int layer = 0;
  int amount = 0;
};

/// The whole neighbourhood (14 to 463 morphs), in a fixed order. All lead to a genotype of
/// the space.
std::vector<MunasMorph> munas_morphs(const MunasGenotype& genotype);

/// The neighbour; never equal to `genotype`. `morph` is one of `munas_morphs(genotype)`. Morphs
/// that draw take it from `rng`. Where a serial block is removed and a branch follows, that branch
/// becomes serial.
MunasGenotype apply(const MunasMorph& morph, MunasGenotype genotype, Rng& rng);

}  // namespace thimble
