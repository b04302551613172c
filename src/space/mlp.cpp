#include "thimble/space/mlp.hpp"

#include <cmath>

namespace thimble {

OrderedJson to_json(const MlpGenotype& genotype) {
  OrderedJson json{{"space", "mlp"}};
  json["dense"] = genotype.dense;
  return json;
}

MlpGenotype mlp_from_json(const JsonField& field) {
  field.only({"space", "dense"});
  const JsonField dense = field.at("dense");
  if (!mlp::kLayers.contains(static_cast<std::int64_t>(dense.size()))) {
    dense.reject(
        fmt::format("must hold {} to {} dense layers", mlp::kLayers.low, mlp::kLayers.high));
  }
  MlpGenotype genotype;
  for (std::size_t i = 0; i < dense.size(); ++i) {
    genotype.dense.push_back(
        static_cast<int>(dense.at(i).integer(mlp::kUnits.low, mlp::kUnits.high)));
  }
  return genotype;
}

MlpGenotype random_mlp(Rng& rng) {
  MlpGenotype genotype;
  const int layers = mlp::kLayers.draw(rng);
  for (int i = 0; i < layers; ++i) genotype.dense.push_back(mlp::kUnits.draw(rng));
  return genotype;
}

std::vector<MlpGenotype> mlp_neighbours(const MlpGenotype& genotype, Rng& rng) {
  std::vector<MlpGenotype> neighbours;
  const int layers = static_cast<int>(genotype.dense.size());
  for (std::size_t i = 0; i < genotype.dense.size(); ++i) {
    for (const int step : {-5, -1, 1, 5}) {
      if (!mlp::kUnits.contains(genotype.dense[i] + step)) continue;
      neighbours.push_back(genotype);
      neighbours.back().dense[i] += step;
    }
  }
  if (layers > mlp::kLayers.low) {
    neighbours.push_back(genotype);
    auto& dense = neighbours.back().dense;
    dense.erase(dense.begin() + rng.uniform_int(0, layers - 1));
  }
  if (layers < mlp::kLayers.high) {
    neighbours.push_back(genotype);
    neighbours.back().dense.push_back(mlp::kUnits.draw(rng));
  }
  return neighbours;
}

Graph mlp_graph(const MlpGenotype& genotype, const Task& task) {
  check_task(task);
  Graph graph;
  NodeId last = graph.input(task.input);
  for (std::size_t i = 0; i < genotype.dense.size(); ++i) {
    if (i > 0 && task.dropout > 0) last = graph.add(Dropout{task.dropout}, {last});
    last = graph.add(Dense{.units = genotype.dense[i], .activation = Activation::kRelu}, {last});
  }
  graph.mark_output(graph.add(Dense{.units = task.logits()}, {last}));
  return graph;
}

double mlp_log10_size() {
  return std::log10(mlp::kLayers.count()) + mlp::kLayers.high * std::log10(mlp::kUnits.count());
}

}  // namespace thimble
