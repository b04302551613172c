#include "thimble/space/search_space.hpp"

#include <array>
#include <string>

#include "thimble/core/text.hpp"
#include "thimble/space/munas_graph.hpp"
#include "thimble/space/munas_morphs.hpp"
#include "thimble/space/munas_random.hpp"

namespace thimble {
namespace {

template <class T>
const T& pick(const std::vector<T>& items, Rng& rng) {
  return items[static_cast<std::size_t>(
      rng.uniform_int(0, static_cast<std::int64_t>(items.size()) - 1))];
}

class MunasSpace final : public SearchSpace {
 public:
  std::string_view name() const override { return "munas"; }
  std::string_view description() const override {
    return "convolutional networks with branches, of 1 to 10 blocks and 1 to 3 dense layers (μNAS)";
  }
  double log10_size() const override { return munas_log10_size(); }

  Genotype random(Rng& rng) const override { return random_munas(rng); }

  Genotype mutate(const Genotype& genotype, Rng& rng) const override {
    const auto& parent = std::get<MunasGenotype>(genotype);
    return apply(pick(munas_morphs(parent), rng), parent, rng);
  }

  std::vector<Genotype> neighbours(const Genotype& genotype, Rng& rng) const override {
    const auto& parent = std::get<MunasGenotype>(genotype);
    std::vector<Genotype> children;
    for (const MunasMorph& morph : munas_morphs(parent))
      children.push_back(apply(morph, parent, rng));
    return children;
  }

  // Chains of one-filter layers that shrink the image as fast as the space can. Pooling and
  // pointwise layers cost the fewest weights; a large strided kernel leaves the smallest first
  // tensor, since pooling keeps all channels of the input.
  std::vector<Genotype> smallest() const override {
    constexpr MunasLayer kPooled{.type = LayerType::kPointwise,
                                 .filters = 1,
                                 .pre_pool = true,
                                 .batch_norm = true,
                                 .relu = true};
    constexpr MunasLayer kStrided{
        .kernel = munas::kKernel.high, .filters = 1, .stride = 2, .batch_norm = true, .relu = true};
    std::vector<Genotype> chains;
    for (const MunasLayer& first : {kPooled, kStrided}) {
      for (const MunasLayer& further : {kPooled, kStrided}) {
        for (int length = 1; length <= 2 * munas::kLayers.high; ++length) {
          chains.push_back(chain(first, further, length));
        }
      }
    }
    return chains;
  }

 private:
  static MunasGenotype chain(const MunasLayer& first, const MunasLayer& further, int length) {
    MunasGenotype genotype{.blocks = {},
                           .pool = FinalPool{PoolKind::kMax, munas::kPoolSize.high},
                           .dense = {munas::kUnits.low}};
    for (int i = 0; i < length; ++i) {
      if (i % munas::kLayers.high == 0) genotype.blocks.emplace_back();
      genotype.blocks.back().layers.push_back(i == 0 ? first : further);
    }
    return genotype;
  }
};

class MlpSpace final : public SearchSpace {
 public:
  std::string_view name() const override { return "mlp"; }
  std::string_view description() const override {
    return "multi-layer perceptrons of 1 to 7 hidden layers with 10 to 256 units (μNAS)";
  }
  double log10_size() const override { return mlp_log10_size(); }

  Genotype random(Rng& rng) const override { return random_mlp(rng); }

  Genotype mutate(const Genotype& genotype, Rng& rng) const override {
    return pick(mlp_neighbours(std::get<MlpGenotype>(genotype), rng), rng);
  }

  std::vector<Genotype> neighbours(const Genotype& genotype, Rng& rng) const override {
    const auto children = mlp_neighbours(std::get<MlpGenotype>(genotype), rng);
    return {children.begin(), children.end()};
  }

  std::vector<Genotype> smallest() const override { return {MlpGenotype{{mlp::kUnits.low}}}; }
};

constinit const MunasSpace kMunas;
constinit const MlpSpace kMlp;
// In the order of the alternatives of Genotype.
constexpr std::array<const SearchSpace*, 2> kSpaces{&kMunas, &kMlp};

std::vector<std::string> space_names() {
  std::vector<std::string> names;
  for (const SearchSpace* space : kSpaces) names.emplace_back(space->name());
  return names;
}

}  // namespace

OrderedJson to_json(const Genotype& genotype) {
  return std::visit([](const auto& g) { return to_json(g); }, genotype);
}

Genotype genotype_from_json(const JsonField& field) {
  const JsonField space = field.at("space");
  const std::string name = space.text();
  if (name == kMunas.name()) return munas_from_json(field);
  if (name == kMlp.name()) return mlp_from_json(field);
  space.reject(fmt::format("must be {}{}", fmt::join(space_names(), " or "),
                           did_you_mean(name, space_names())));
}

Graph genotype_graph(const Genotype& genotype, const Task& task) {
  if (const auto* munas = std::get_if<MunasGenotype>(&genotype)) return munas_graph(*munas, task);
  return mlp_graph(std::get<MlpGenotype>(genotype), task);
}

std::span<const SearchSpace* const> all_spaces() { return kSpaces; }

const SearchSpace& find_space(std::string_view name) {
  for (const SearchSpace* space : kSpaces) {
    if (space->name() == name) return *space;
  }
  raise<ConfigError>("space = \"{}\": must be {}{}", name, fmt::join(space_names(), " or "),
                     did_you_mean(name, space_names()));
}

const SearchSpace& space_of(const Genotype& genotype) { return *kSpaces[genotype.index()]; }

}  // namespace thimble
