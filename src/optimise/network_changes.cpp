#include "network_changes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>
#include <variant>

#include "thimble/core/error.hpp"

namespace thimble::optimise {
namespace {

using ChangedOps = std::map<NodeId, Op>;

/// Nothing where shapes no longer fit each other or the outputs are no longer what they were.
std::optional<Graph> with_ops(const Graph& graph, const ChangedOps& changed) {
  Graph result;
  try {
    for (NodeId id = 0; id < graph.size(); ++id) {
      const auto found = changed.find(id);
      result.add(found != changed.end() ? found->second : graph.node(id).op, graph.node(id).inputs);
    }
  } catch (const ModelError&) {
    return std::nullopt;
  }
  for (const NodeId id : graph.outputs()) {
    if (result.shape(id) != graph.shape(id)) return std::nullopt;
    result.mark_output(id);
  }
  return result;
}

/// `node 2 CONV_2D`, `nodes 2 and 5`, `9 nodes from 2 to 25`.
std::string name_of(const Graph& graph, const std::vector<NodeId>& ids) {
  constexpr std::size_t kMostNamed = 4;
  if (ids.size() == 1) return fmt::format("node {} {}", ids[0], op_name(graph.node(ids[0]).op));
  if (ids.size() > kMostNamed) {
    return fmt::format("{} nodes from {} to {}", ids.size(), ids.front(), ids.back());
  }
  const std::vector<NodeId> first(ids.begin(), ids.end() - 1);
  return fmt::format("nodes {} and {}", fmt::join(first, ", "), ids.back());
}

/// How many channels an operator makes where that is its own choice.
std::optional<int> own_channels(const Op& op) {
  if (const auto* conv = std::get_if<Conv2D>(&op)) return conv->filters;
  if (const auto* dense = std::get_if<Dense>(&op)) return dense->units;
  return std::nullopt;
}

Op with_channels(Op op, int channels) {
  if (auto* conv = std::get_if<Conv2D>(&op)) conv->filters = channels;
  if (auto* dense = std::get_if<Dense>(&op)) dense->units = channels;
  return op;
}

std::optional<Extent> stride_of(const Op& op) {
  if (const auto* conv = std::get_if<Conv2D>(&op)) return conv->stride;
  if (const auto* conv = std::get_if<DepthwiseConv2D>(&op)) return conv->stride;
  return std::nullopt;
}

Op with_stride(Op op, Extent stride) {
  if (auto* conv = std::get_if<Conv2D>(&op)) conv->stride = stride;
  if (auto* conv = std::get_if<DepthwiseConv2D>(&op)) conv->stride = stride;
  return op;
}

class Changes {
 public:
  explicit Changes(const Graph& graph) : graph_(graph) { find_groups(); }

  std::vector<NetworkChange> run(std::span<const NodeId> at_peak) && {
    std::vector<NodeId> places(at_peak.begin(), at_peak.end());
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (is_first(id)) places.push_back(id);
    }
    std::ranges::sort(places);
    places.erase(std::unique(places.begin(), places.end()), places.end());
    std::vector<NodeId> halved;
    for (const NodeId id : places) {
      const NodeId group = group_[at(id)];
      if (std::ranges::find(halved, group) == halved.end()) halve_filters(group);
      halved.push_back(group);
      add_stride(id);
    }
    return std::move(changes_);
  }

 private:
  bool is_first(NodeId id) const {
    const auto is_input = [&](NodeId from) { return graph_.node(from).inputs.empty(); };
    return std::ranges::any_of(graph_.node(id).inputs, is_input);
  }

  /// Tensors of one group have as many channels as each other, or so many times as many, whatever
  /// number that is.
  void find_groups() {
    group_.resize(graph_.nodes().size());
    std::iota(group_.begin(), group_.end(), 0);
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_.node(id);
      const bool makes_its_own = own_channels(node.op) || std::holds_alternative<Concat>(node.op) ||
                                 std::holds_alternative<Flatten>(node.op);
      if (makes_its_own) continue;
      for (const NodeId from : node.inputs) {
        std::ranges::replace(group_, NodeId{group_[at(id)]}, NodeId{group_[at(from)]});
      }
    }
  }

  void try_change(std::string text, const ChangedOps& changed) {
    if (auto graph = with_ops(graph_, changed)) {
      changes_.push_back({std::move(text), *std::move(graph)});
    }
  }

  /// Of the group alone, and of all groups with as many channels: a peak is often reached in
  /// several places.
  void halve_filters(NodeId group) {
    std::vector<NodeId> makers;
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (group_[at(id)] == group && own_channels(graph_.node(id).op)) makers.push_back(id);
    }
    if (makers.empty()) return;
    const int channels = *own_channels(graph_.node(makers[0]).op);
    try_filters(makers, channels);
    if (std::ranges::find(tried_, channels) != tried_.end()) return;
    tried_.push_back(channels);
    std::vector<NodeId> alike;
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (own_channels(graph_.node(id).op) != channels) continue;
      if (!is_fixed(group_[at(id)])) alike.push_back(id);
    }
    if (alike.size() > makers.size()) try_filters(alike, channels);
  }

  /// An output of the network keeps its channels.
  bool is_fixed(NodeId group) const {
    const auto outputs = graph_.outputs();
    return std::ranges::any_of(outputs, [&](NodeId id) { return group_[at(id)] == group; });
  }

  void try_filters(const std::vector<NodeId>& makers, int channels) {
    if (channels < 2) return;
    const int half = (channels + 1) / 2;
    ChangedOps changed;
    for (const NodeId id : makers) changed.emplace(id, with_channels(graph_.node(id).op, half));
    try_change(fmt::format("{} {} instead of {} in {}", half, half == 1 ? "filter" : "filters",
                           channels, name_of(graph_, makers)),
               changed);
  }

  /// Of a convolution that has none: of 2, or that of the next one that has one.
  void add_stride(NodeId id) {
    const Op& op = graph_.node(id).op;
    if (stride_of(op) != Extent{1, 1}) return;
    const Extent two{.height = graph_.shape(id).height > 1 ? 2 : 1,
                     .width = graph_.shape(id).width > 1 ? 2 : 1};
    if (two == Extent{1, 1}) return;
    const std::string name = name_of(graph_, {id});
    try_change(fmt::format("stride 2 in {}", name), {{id, with_stride(op, two)}});
    if (const auto later = next_with_stride(id)) {
      const Op& other = graph_.node(*later).op;
      try_change(fmt::format("the stride of {} in {} already", name_of(graph_, {*later}), name),
                 {{id, with_stride(op, *stride_of(other))}, {*later, with_stride(other, {1, 1})}});
    }
  }

  std::optional<NodeId> next_with_stride(NodeId from) const {
    std::vector<bool> is_behind(graph_.nodes().size(), false);
    is_behind[at(from)] = true;
    for (NodeId id = from + 1; id < graph_.size(); ++id) {
      const Node& node = graph_.node(id);
      is_behind[at(id)] =
          std::ranges::any_of(node.inputs, [&](NodeId input) { return is_behind[at(input)]; });
      if (is_behind[at(id)] && stride_of(node.op).value_or(Extent{}) != Extent{}) return id;
    }
    return std::nullopt;
  }

  const Graph& graph_;
  std::vector<NodeId> group_;  // by node
  std::vector<int> tried_;     // numbers of channels
  std::vector<NetworkChange> changes_;
};

}  // namespace

std::vector<NetworkChange> smaller_networks(const Graph& graph, std::span<const NodeId> at_peak) {
  return Changes(graph).run(at_peak);
}

}  // namespace thimble::optimise
