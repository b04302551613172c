#include "thimble/space/munas_morphs.hpp"

#include "thimble/space/munas_random.hpp"

namespace thimble {
namespace {

using Kind = MunasMorph::Kind;

constexpr int kSteps[] = {-5, -3, -1, 1, 3, 5};

constexpr std::size_t place(int index) { return static_cast<std::size_t>(index); }

template <class T>
int count(const std::vector<T>& items) {
  return static_cast<int>(items.size());
}

template <class T>
int random_index(const std::vector<T>& items, Rng& rng) {
  return static_cast<int>(rng.uniform_int(0, count(items) - 1));
}

template <class T>
void erase(std::vector<T>& items, int index) {
  items.erase(items.begin() + index);
}

class Neighbourhood {
 public:
  explicit Neighbourhood(const MunasGenotype& genotype) : genotype_(genotype) {}

  std::vector<MunasMorph> list() && {
    for (int b = 0; b < count(genotype_.blocks); ++b) block(b);
    if (count(genotype_.blocks) > munas::kBlocks.low) add({Kind::kRemoveRandomBlock});
    if (count(genotype_.blocks) < munas::kBlocks.high) add({Kind::kAppendBlock});
    pool();
    dense();
    return std::move(morphs_);
  }

 private:
  void add(MunasMorph morph) { morphs_.push_back(morph); }

  void block(int b) {
    const MunasBlock& block = genotype_.blocks[place(b)];
    const int layers = count(block.layers);
    for (int i = 0; i < layers; ++i) layer(block.layers[place(i)], b, i);
    if (layers < munas::kLayers.high) add({Kind::kInsertLayer, b});
    if (layers > munas::kLayers.low) add({Kind::kRemoveLayer, b});
    if (b > 0) add({Kind::kToggleBranch, b});
    if (layers == 1 && count(genotype_.blocks) > munas::kBlocks.low) add({Kind::kRemoveBlock, b});
  }

  void layer(const MunasLayer& layer, int b, int i) {
    if (layer.has_filters()) {
      for (const int step : kSteps) {
        if (munas::kFilters.contains(layer.filters + step)) add({Kind::kChangeFilters, b, i, step});
      }
    }
    if (layer.has_kernel()) {
      for (const int step : {-2, 2}) {
        if (munas::kKernel.contains(layer.kernel + step)) add({Kind::kChangeKernel, b, i, step});
      }
      add({Kind::kToggleStride, b, i});
    }
    for (int type = 0; type < 3; ++type) {
      if (type != static_cast<int>(layer.type)) add({Kind::kChangeType, b, i, type});
    }
    add({Kind::kToggleBatchNorm, b, i});
    add({Kind::kToggleRelu, b, i});
    add({Kind::kTogglePrePool, b, i});
  }

  void pool() {
    add({Kind::kTogglePool});
    if (!genotype_.pool) return;
    add({Kind::kChangePoolKind});
    for (const int step : {-2, 2}) {
      if (munas::kPoolSize.contains(genotype_.pool->size + step)) {
        add({.kind = Kind::kChangePoolSize, .amount = step});
      }
    }
  }

  void dense() {
    const int layers = count(genotype_.dense);
    for (int i = 0; i < layers; ++i) {
      for (const int step : kSteps) {
        if (munas::kUnits.contains(genotype_.dense[place(i)] + step))
          add({Kind::kChangeUnits, 0, i, step});
      }
    }
    if (layers < munas::kDenseLayers.high) add({Kind::kAppendDense});
    if (layers > munas::kDenseLayers.low) add({Kind::kRemoveDense});
  }

  const MunasGenotype& genotype_;
  std::vector<MunasMorph> morphs_;
};

void insert_layer(MunasBlock& block, Rng& rng) {
  const int place = random_index(block.layers, rng);
  block.layers.insert(block.layers.begin() + place, random_munas_layer(rng));
}

void remove_block(std::vector<MunasBlock>& blocks, int b) {
  const bool orphans_branch = !blocks[place(b)].branch && b + 1 < count(blocks);
  erase(blocks, b);
  if (orphans_branch) blocks[place(b)].branch = false;
}

void toggle_pool(std::optional<FinalPool>& pool, Rng& rng) {
  if (pool) {
    pool.reset();
  } else {
    pool = random_munas_pool(rng);
  }
}

}  // namespace

std::vector<MunasMorph> munas_morphs(const MunasGenotype& genotype) {
  return Neighbourhood(genotype).list();
}

MunasGenotype apply(const MunasMorph& morph, MunasGenotype genotype, Rng& rng) {
  auto& [blocks, pool, dense] = genotype;
  const auto block = [&]() -> MunasBlock& { return blocks[place(morph.block)]; };
  const auto layer = [&]() -> MunasLayer& { return block().layers[place(morph.layer)]; };
  switch (morph.kind) {
    case Kind::kChangeFilters:
      layer().filters += morph.amount;
      break;
    case Kind::kChangeKernel:
      layer().kernel += morph.amount;
      break;
    case Kind::kChangeType:
      layer() = random_munas_layer(static_cast<LayerType>(morph.amount), rng);
      break;
    case Kind::kToggleBatchNorm:
      layer().batch_norm ^= true;
      break;
    case Kind::kToggleRelu:
      layer().relu ^= true;
      break;
    case Kind::kTogglePrePool:
      layer().pre_pool ^= true;
      break;
    case Kind::kToggleStride:
      layer().stride = layer().stride == 1 ? 2 : 1;
      break;
    case Kind::kInsertLayer:
      insert_layer(block(), rng);
      break;
    case Kind::kRemoveLayer:
      erase(block().layers, random_index(block().layers, rng));
      break;
    case Kind::kToggleBranch:
      block().branch ^= true;
      break;
    case Kind::kRemoveBlock:
      remove_block(blocks, morph.block);
      break;
    case Kind::kRemoveRandomBlock:
      remove_block(blocks, random_index(blocks, rng));
      break;
    case Kind::kAppendBlock:
      blocks.push_back({.branch = rng.chance(0.5), .layers = {random_munas_layer(rng)}});
      break;
    case Kind::kTogglePool:
      toggle_pool(pool, rng);
      break;
    case Kind::kChangePoolKind:
      pool->kind = pool->kind == PoolKind::kMax ? PoolKind::kAverage : PoolKind::kMax;
      break;
    case Kind::kChangePoolSize:
      pool->size += morph.amount;
      break;
    case Kind::kChangeUnits:
      dense[place(morph.layer)] += morph.amount;
      break;
    case Kind::kAppendDense:
      dense.push_back(munas::kUnits.draw(rng));
      break;
    case Kind::kRemoveDense:
      erase(dense, random_index(dense, rng));
      break;
  }
  return genotype;
}

}  // namespace thimble
