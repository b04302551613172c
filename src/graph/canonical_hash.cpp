#include <algorithm>
#include <bit>

#include "thimble/core/rng.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {
namespace {

class OpHasher {
 public:
  std::uint64_t operator()(const Input& o) const { return of(o.shape); }
  std::uint64_t operator()(const Conv2D& o) const {
    return of_weights(
        o.weights, of(o.filters, o.kernel, o.stride, o.dilation, o.padding, o.bias, o.activation));
  }
  std::uint64_t operator()(const DepthwiseConv2D& o) const {
    return of_weights(o.weights, of(o.multiplier, o.kernel, o.stride, o.dilation, o.padding, o.bias,
                                    o.activation));
  }
  std::uint64_t operator()(const Dense& o) const {
    return of_weights(o.weights, of(o.units, o.bias, o.activation));
  }
  std::uint64_t operator()(const Pool2D& o) const {
    return of(o.kind, o.window, o.stride, o.padding);
  }
  std::uint64_t operator()(const GlobalPool& o) const { return of(o.kind); }
  std::uint64_t operator()(const Add& o) const { return of(o.activation); }
  std::uint64_t operator()(const Concat&) const { return of(); }
  std::uint64_t operator()(const Pad& o) const { return of(o.top, o.bottom, o.left, o.right); }
  std::uint64_t operator()(const Activate& o) const { return of(o.function); }
  std::uint64_t operator()(const BatchNorm& o) const { return of(o.epsilon); }
  std::uint64_t operator()(const Dropout& o) const { return of(o.rate); }
  std::uint64_t operator()(const Flatten&) const { return of(); }
  std::uint64_t operator()(const Softmax&) const { return of(); }
  std::uint64_t operator()(const Mean&) const { return of(); }
  std::uint64_t operator()(const Mul& o) const { return of(o.activation); }
  std::uint64_t operator()(const ResizeNearest& o) const {
    return of(o.size, o.align_corners, o.half_pixel_centers);
  }
  std::uint64_t operator()(const Apply& o) const { return of(o.function); }

 private:
  /// Hashes of int8 operators are older than this field.
  static std::uint64_t of_weights(WeightType type, std::uint64_t hash) {
    return type == WeightType::kInt8 ? hash : mix(hash, word(type));
  }
  template <class... Fields>
  static std::uint64_t of(const Fields&... fields) {
    std::uint64_t hash = 0;
    ((hash = mix(hash, word(fields))), ...);
    return hash;
  }
  static std::uint64_t word(const Shape& s) { return of(s.height, s.width, s.channels); }
  static std::uint64_t word(const Extent& e) { return of(e.height, e.width); }
  static std::uint64_t word(float x) { return std::bit_cast<std::uint32_t>(x); }
  template <class T>
  requires std::is_integral_v<T> || std::is_enum_v<T>
  static std::uint64_t word(T x) { return static_cast<std::uint64_t>(x); }
};

/// Whether it computes the same whatever the order of its inputs.
bool commutes(const Op& op) {
  return std::holds_alternative<Add>(op) || std::holds_alternative<Mul>(op);
}

/// What a node computes: its operator on what its inputs compute.
std::vector<std::uint64_t> computed_values(const Graph& graph) {
  std::vector<std::uint64_t> value(graph.nodes().size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Node& node = graph.nodes()[i];
    std::vector<std::uint64_t> from;
    for (const NodeId id : node.inputs) from.push_back(value[static_cast<std::size_t>(id)]);
    if (commutes(node.op)) std::ranges::sort(from);
    std::uint64_t hash = mix(node.op.index(), std::visit(OpHasher{}, node.op));
    for (const std::uint64_t word : from) hash = mix(hash, word);
    value[i] = hash;
  }
  return value;
}

}  // namespace

// Hashing inputs alone cannot tell one node read twice from two equal nodes read once each;
// hashing, backwards, what is made of each node can. 0 stands for "no output needs it".
std::uint64_t canonical_hash(const Graph& graph) {
  const std::vector<std::uint64_t> value = computed_values(graph);
  const auto consumers = graph.consumers();
  const std::vector<NodeId> outputs = graph.outputs();
  std::vector<std::uint64_t> use(value.size(), 0);
  std::vector<std::uint64_t> needed;
  for (std::size_t i = value.size(); i-- > 0;) {
    std::vector<std::uint64_t> uses;
    for (const NodeId reader : consumers[i]) {
      if (use[static_cast<std::size_t>(reader)] == 0) continue;
      const Node& node = graph.node(reader);
      std::uint64_t hash = use[static_cast<std::size_t>(reader)];
      if (!commutes(node.op)) {
        const auto place =
            std::ranges::find(node.inputs, static_cast<NodeId>(i)) - node.inputs.begin();
        hash = mix(hash, static_cast<std::uint64_t>(place));
      }
      uses.push_back(hash);
    }
    const auto marked = std::ranges::find(outputs, static_cast<NodeId>(i));
    if (marked != outputs.end()) {
      uses.push_back(mix(1, static_cast<std::uint64_t>(marked - outputs.begin())));
    }
    if (uses.empty()) continue;
    std::ranges::sort(uses);
    std::uint64_t hash = value[i];
    for (const std::uint64_t word : uses) hash = mix(hash, word);
    use[i] = hash == 0 ? 1 : hash;
    needed.push_back(use[i]);
  }
  std::ranges::sort(needed);
  std::uint64_t hash = needed.size();
  for (const std::uint64_t word : needed) hash = mix(hash, word);
  return hash;
}

}  // namespace thimble
