#include "suite.hpp"

#include <fmt/format.h>

#include "thimble/eval/runtime.hpp"
#include "thimble/space/baselines.hpp"

namespace thimble {
namespace {

/// Appends convolutions with batch norm, and ReLU where not said otherwise.
class Builder {
 public:
  explicit Builder(Shape input) : last_(graph_.input(input)) {}

  Builder& conv(int filters, int kernel, int stride = 1) {
    return conv_linear(filters, kernel, stride).relu();
  }
  Builder& conv_linear(int filters, int kernel, int stride = 1) {
    return normalised(Conv2D{.filters = filters,
                             .kernel = {kernel, kernel},
                             .stride = {stride, stride},
                             .padding = Padding::kSame,
                             .bias = false});
  }
  Builder& depthwise(int stride = 1) {
    return normalised(DepthwiseConv2D{.kernel = {3, 3},
                                      .stride = {stride, stride},
                                      .padding = Padding::kSame,
                                      .bias = false})
        .relu();
  }
  /// MobileNetV2's inverted bottleneck (Sandler et al. 2018).
  Builder& bottleneck(int expanded, int filters, int stride) {
    const NodeId from = last_;
    conv(expanded, 1).depthwise(stride).conv_linear(filters, 1);
    if (graph_.shape(from) == graph_.shape(last_)) last_ = graph_.add(Add{}, {from, last_});
    return *this;
  }
  Graph classifier(int logits) {
    last_ = graph_.add(GlobalPool{}, {last_});
    graph_.add(Dense{.units = logits}, {last_});
    return graph_;
  }

 private:
  Builder& normalised(Op op) {
    last_ = graph_.add(std::move(op), {last_});
    last_ = graph_.add(BatchNorm{}, {last_});
    return *this;
  }
  Builder& relu() {
    last_ = graph_.add(Activate{}, {last_});
    return *this;
  }

  Graph graph_;
  NodeId last_;
};

Graph fashion() {
  Builder net({28, 28, 1});
  net.conv(5, 3).depthwise(2).conv(11, 1).depthwise().conv(23, 1).depthwise(2).conv(37, 1);
  return net.conv(19, 3).classifier(10);
}

Graph cifar() {
  Builder net({32, 32, 3});
  net.conv(7, 3, 2).conv(13, 3).conv(21, 3, 2).depthwise().conv(30, 1).depthwise(2).conv(45, 1);
  return net.classifier(10);
}

/// One logit: person or not.
Graph visual_wake_words() {
  Builder net({50, 50, 1});
  net.conv(12, 3, 2).bottleneck(24, 8, 1).bottleneck(48, 16, 2).bottleneck(96, 16, 1);
  net.bottleneck(96, 24, 2).bottleneck(144, 24, 1).bottleneck(144, 32, 2).bottleneck(192, 32, 1);
  return net.conv(128, 1).classifier(1);
}

/// Random networks as a search within 64 KiB draws them.
std::vector<SuiteNetwork> random_networks() {
  constexpr int kCount = 10;
  const Screen screen({.input = {32, 32, 3}, .classes = 10},
                      {.ram = Bytes(65536), .flash = Bytes(65536)}, measures_of({}));
  const SearchSpace& space = find_space("munas");
  std::vector<SuiteNetwork> networks;
  Rng rng(2021);
  while (networks.size() < kCount) {
    const Graph graph = screen.graph(space.random(rng));
    if (screen(graph).violation) continue;
    networks.push_back({fmt::format("munas-{}", networks.size()), graph});
  }
  return networks;
}

}  // namespace

std::vector<SuiteNetwork> engine_suite() {
  const Task keywords{.input = {49, 10, 1}, .classes = 12};
  std::vector<SuiteNetwork> suite{
      {"ds-cnn-s", baseline("ds-cnn-s", keywords)},
      {"resnet8", baseline("resnet8", {.input = {32, 32, 3}, .classes = 10})},
      {"mobilenetv1-025", baseline("mobilenetv1-025", {.input = {96, 96, 3}, .classes = 2}),
       Loss::kSigmoidBinaryCrossEntropy},
      {"ad-autoencoder", baseline("ad-autoencoder", {.input = {1, 1, 640}, .classes = 2}),
       Loss::kMeanSquaredError},
      {"fashion", fashion()},
      {"cifar", cifar()},
      {"micronet-kws-s", baseline("micronet-kws-s", keywords)},
      {"micronet-ad-s", baseline("micronet-ad-s", {.input = {32, 32, 1}, .classes = 4})},
      {"vww-mobilenetv2", visual_wake_words(), Loss::kSigmoidBinaryCrossEntropy}};
  for (SuiteNetwork& network : random_networks()) suite.push_back(std::move(network));
  return suite;
}

double macs_of(const Graph& graph) {
  double macs = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Shape out = graph.shape(id);
    macs += static_cast<double>(parameter_count(graph, id).kernel) * out.height * out.width;
  }
  return macs;
}

}  // namespace thimble
