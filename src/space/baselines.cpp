#include "thimble/space/baselines.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "thimble/core/error.hpp"
#include "thimble/core/text.hpp"

namespace thimble {
namespace {

/// A depthwise 3×3 convolution and a pointwise one behind it.
struct Separable {
  int filters;
  int stride;
};

class Builder {
 public:
  Builder(const Task& task, Activation activation)
      : task_(task), activation_(activation), last_(graph_.input(task.input)) {}

  void conv(int filters, Extent kernel, int stride) {
    conv_linear(filters, kernel, stride);
    activate();
  }

  void conv_linear(int filters, Extent kernel, int stride) {
    add(Conv2D{.filters = filters,
               .kernel = kernel,
               .stride = {stride, stride},
               .padding = Padding::kSame,
               .bias = false});
    add(BatchNorm{});
  }

  void separable(Separable block) {
    add(DepthwiseConv2D{.kernel = {3, 3},
                        .stride = {block.stride, block.stride},
                        .padding = Padding::kSame,
                        .bias = false});
    add(BatchNorm{});
    activate();
    conv(block.filters, {1, 1}, 1);
  }

  /// Two 3×3 convolutions beside an identity, or beside a strided pointwise convolution where the
  /// shape changes.
  void residual(int filters, int stride) {
    const NodeId from = last_;
    conv(filters, {3, 3}, stride);
    conv_linear(filters, {3, 3}, 1);
    NodeId shortcut = from;
    if (graph_.shape(from) != graph_.shape(last_)) {
      const Conv2D project{
          .filters = filters, .stride = {stride, stride}, .padding = Padding::kSame};
      shortcut = graph_.add(project, {from});
    }
    last_ = graph_.add(Add{}, {shortcut, last_});
    activate();
  }

  void dense(int units) {
    add(Dense{.units = units, .bias = false});
    add(BatchNorm{});
    activate();
  }

  Graph classify() && {
    add(GlobalPool{});
    if (task_.dropout > 0) add(Dropout{task_.dropout});
    return std::move(*this).finish(task_.logits());
  }

  Graph finish(int outputs) && {
    add(Dense{.units = outputs});
    graph_.mark_output(last_);
    return std::move(graph_);
  }

 private:
  void add(Op op) { last_ = graph_.add(std::move(op), {last_}); }
  void activate() { add(Activate{activation_}); }

  const Task& task_;
  Activation activation_;
  Graph graph_;
  NodeId last_;
};

/// A 10×4 convolution over time and frequency, separable convolutions, a pool (Zhang et al. 2017,
/// "Hello Edge").
Graph keyword_network(const Task& task, Activation activation, int stem_filters, int stem_stride,
                      const std::vector<Separable>& blocks) {
  Builder builder(task, activation);
  builder.conv(stem_filters, {10, 4}, stem_stride);
  for (const Separable& block : blocks) builder.separable(block);
  return std::move(builder).classify();
}

Graph ds_cnn_s(const Task& task) {
  return keyword_network(task, Activation::kRelu, 64, 2, {{64, 1}, {64, 1}, {64, 1}, {64, 1}});
}

Graph micronet_kws_s(const Task& task) {
  return keyword_network(task, Activation::kRelu6, 84, 1,
                         {{112, 2}, {84, 1}, {84, 1}, {84, 1}, {196, 1}});
}

Graph micronet_kws_m(const Task& task) {
  return keyword_network(task, Activation::kRelu6, 140, 1,
                         {{140, 2}, {140, 1}, {140, 1}, {112, 1}, {196, 1}});
}

Graph micronet_kws_l(const Task& task) {
  return keyword_network(task, Activation::kRelu6, 276, 1,
                         {{248, 2}, {276, 1}, {276, 1}, {248, 1}, {248, 1}, {248, 1}, {248, 1}});
}

/// A full-size 3×3 stem and separable convolutions (MicroNets, Table 5).
Graph anomaly_network(const Task& task, int stem_filters, const std::vector<Separable>& blocks) {
  Builder builder(task, Activation::kRelu6);
  builder.conv(stem_filters, {3, 3}, 1);
  for (const Separable& block : blocks) builder.separable(block);
  return std::move(builder).classify();
}

Graph micronet_ad_s(const Task& task) {
  return anomaly_network(task, 72, {{164, 2}, {220, 1}, {276, 2}, {276, 2}});
}

Graph micronet_ad_m(const Task& task) {
  return anomaly_network(task, 192, {{276, 2}, {276, 1}, {276, 1}, {276, 2}, {276, 2}});
}

Graph micronet_ad_l(const Task& task) {
  return anomaly_network(task, 276, {{248, 2}, {276, 1}, {276, 1}, {248, 2}, {248, 2}});
}

Graph resnet8(const Task& task) {
  Builder builder(task, Activation::kRelu);
  builder.conv(16, {3, 3}, 1);
  builder.residual(16, 1);
  builder.residual(32, 2);
  builder.residual(64, 2);
  return std::move(builder).classify();
}

/// Howard et al. 2017, Table 1, with a quarter of the width.
Graph mobilenetv1_025(const Task& task) {
  constexpr std::array<Separable, 13> kBlocks{{{16, 1},
                                               {32, 2},
                                               {32, 1},
                                               {64, 2},
                                               {64, 1},
                                               {128, 2},
                                               {128, 1},
                                               {128, 1},
                                               {128, 1},
                                               {128, 1},
                                               {128, 1},
                                               {256, 2},
                                               {256, 1}}};
  Builder builder(task, Activation::kRelu);
  builder.conv(8, {3, 3}, 2);
  for (const Separable& block : kBlocks) builder.separable(block);
  return std::move(builder).classify();
}

Graph ad_autoencoder(const Task& task) {
  Builder builder(task, Activation::kRelu);
  for (const int units : {128, 128, 128, 128, 8, 128, 128, 128, 128}) builder.dense(units);
  return std::move(builder).finish(static_cast<int>(task.input.elements()));
}

struct Baseline {
  std::string_view name;
  Graph (*build)(const Task&);
  bool rebuilds_input = false;
};

constexpr Baseline kBaselines[] = {{"ds-cnn-s", ds_cnn_s},
                                   {"resnet8", resnet8},
                                   {"mobilenetv1-025", mobilenetv1_025},
                                   {"ad-autoencoder", ad_autoencoder, true},
                                   {"micronet-kws-s", micronet_kws_s},
                                   {"micronet-kws-m", micronet_kws_m},
                                   {"micronet-kws-l", micronet_kws_l},
                                   {"micronet-ad-s", micronet_ad_s},
                                   {"micronet-ad-m", micronet_ad_m},
                                   {"micronet-ad-l", micronet_ad_l}};

}  // namespace

std::span<const std::string> baseline_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Baseline& each : kBaselines) list.emplace_back(each.name);
    return list;
  }();
  return names;
}

Graph baseline(std::string_view name, const Task& task) {
  check_task(task);
  const auto found = std::ranges::find(kBaselines, name, &Baseline::name);
  if (found == std::ranges::end(kBaselines)) {
    raise<ConfigError>("baseline = \"{}\": must be one of {}{}", name,
                       fmt::join(baseline_names(), ", "), did_you_mean(name, baseline_names()));
  }
  return found->build(task);
}

bool rebuilds_input(std::string_view baseline) {
  const auto found = std::ranges::find(kBaselines, baseline, &Baseline::name);
  return found != std::ranges::end(kBaselines) && found->rebuilds_input;
}

}  // namespace thimble
