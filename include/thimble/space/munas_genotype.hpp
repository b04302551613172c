#pragma once

#include <optional>
#include <vector>

#include "thimble/core/json.hpp"
#include "thimble/graph/op.hpp"
#include "thimble/space/range.hpp"

namespace thimble {

/// The convolutional search space of μNAS (Liberis, Dudziak & Lane 2021): up to ten blocks of up to
/// three layers, each block in series with what stands before it or on a branch beside it, then a
/// pool and up to three dense layers.
namespace munas {
inline constexpr IntegerRange kBlocks{1, 10};
inline constexpr IntegerRange kLayers{1, 3};  // in a block
inline constexpr IntegerRange kKernel{3, 7, 2};
inline constexpr IntegerRange kFilters{1, 128};
inline constexpr IntegerRange kPoolSize{2, 6, 2};
inline constexpr IntegerRange kDenseLayers{1, 3};
inline constexpr IntegerRange kUnits{10, 256};
}  // namespace munas

enum class LayerType { kConv, kPointwise, kDepthwise };

/// [2×2 max-pool →] convolution [→ batch norm] [→ ReLU]. Fields that a type does not have keep
/// their defaults, so that equal layers compare equal.
struct MunasLayer {
  LayerType type = LayerType::kConv;
  /// Side of the square kernel, on a series its length; 1 for a pointwise layer.
  int kernel = 1;
  /// 0 for a depthwise layer, which keeps its channels.
  int filters = 0;
  /// 1 or 2, along both axes; 1 for a pointwise layer.
  int stride = 1;
  bool pre_pool = false;
  bool batch_norm = false;
  bool relu = false;

  bool has_kernel() const { return type != LayerType::kPointwise; }
  bool has_filters() const { return type != LayerType::kDepthwise; }
  bool operator==(const MunasLayer&) const = default;
};

/// A serial block reads the sum of all that is pending and leaves its output pending alone; a
/// branch reads what the last serial block read and its output joins what is pending.
struct MunasBlock {
  bool branch = false;
  std::vector<MunasLayer> layers;

  bool operator==(const MunasBlock&) const = default;
};

struct FinalPool {
  PoolKind kind = PoolKind::kMax;
  int size = 2;

  bool operator==(const FinalPool&) const = default;
};

/// Normal form: two genotypes that mean the same choices are equal. The first block is serial.
struct MunasGenotype {
  std::vector<MunasBlock> blocks;
  std::optional<FinalPool> pool;
  /// Units of each hidden dense layer.
  std::vector<int> dense;

  bool operator==(const MunasGenotype&) const = default;
};

/// For reading by hand: fields in the order of the computation, those that a layer's type does not
/// have left out.
OrderedJson to_json(const MunasGenotype& genotype);

/// The reverse. Throws ConfigError naming the field that is missing, unknown or out of its range.
MunasGenotype munas_from_json(const JsonField& field);

/// Decimal logarithm of the size of the space as its authors count it (10^152): the product of the
/// spans of all 237 variables, optional ones included, those of step 2 counted as if their step
/// were 1. An upper bound.
double munas_log10_size();

}  // namespace thimble
