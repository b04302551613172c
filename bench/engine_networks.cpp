#include "engine_networks.hpp"

namespace thimble {
namespace {

/// Appends convolutions with batch norm and ReLU.
class Builder {
 public:
  explicit Builder(Shape input) : last_(graph_.input(input)) {}

  Builder& conv(int filters, int kernel, int stride = 1) {
    return conv(filters, {kernel, kernel}, {stride, stride});
  }
  Builder& conv(int filters, Extent kernel, Extent stride) {
    last_ = graph_.add(Conv2D{.filters = filters,
                              .kernel = kernel,
                              .stride = stride,
                              .padding = Padding::kSame,
                              .bias = false},
                       {last_});
    return norm_relu();
  }
  Builder& depthwise(int stride = 1) {
    last_ = graph_.add(
        DepthwiseConv2D{
            .kernel = {3, 3}, .stride = {stride, stride}, .padding = Padding::kSame, .bias = false},
        {last_});
    return norm_relu();
  }
  Builder& dense(int units) {
    last_ = graph_.add(Dense{.units = units, .bias = false}, {last_});
    return norm_relu();
  }
  /// Two 3×3 convolutions and a shortcut, 1×1 where the shape changes.
  Builder& residual(int filters, int stride) {
    const NodeId from = last_;
    conv(filters, 3, stride);
    NodeId id = graph_.add(
        Conv2D{.filters = filters, .kernel = {3, 3}, .padding = Padding::kSame, .bias = false},
        {last_});
    id = graph_.add(BatchNorm{}, {id});
    NodeId shortcut = from;
    if (stride != 1) {
      shortcut = graph_.add(Conv2D{.filters = filters, .stride = {stride, stride}}, {from});
    }
    last_ = graph_.add(Add{.activation = Activation::kRelu}, {id, shortcut});
    return *this;
  }
  Graph classifier(int classes) {
    last_ = graph_.add(GlobalPool{}, {last_});
    graph_.add(Dense{.units = classes}, {last_});
    return graph_;
  }
  Graph output(int units) {
    graph_.add(Dense{.units = units}, {last_});
    return graph_;
  }

 private:
  Builder& norm_relu() {
    last_ = graph_.add(BatchNorm{}, {last_});
    last_ = graph_.add(Activate{}, {last_});
    return *this;
  }

  Graph graph_;
  NodeId last_;
};

}  // namespace

std::vector<BenchNetwork> bench_networks() {
  Builder ds_cnn({49, 10, 1});
  ds_cnn.conv(64, {10, 4}, {2, 2});
  for (int block = 0; block < 4; ++block) ds_cnn.depthwise().conv(64, 1);
  Builder resnet({32, 32, 3});
  resnet.conv(16, 3).residual(16, 1).residual(32, 2).residual(64, 2);
  Builder fashion({28, 28, 1});
  fashion.conv(5, 3).depthwise(2).conv(11, 1).depthwise().conv(23, 1).depthwise(2).conv(37, 1).conv(
      19, 3);
  Builder cifar({32, 32, 3});
  cifar.conv(7, 3, 2).conv(13, 3).conv(21, 3, 2).depthwise().conv(30, 1).depthwise(2).conv(45, 1);
  Builder autoencoder({1, 1, 640});
  for (int i = 0; i < 4; ++i) autoencoder.dense(128);
  autoencoder.dense(8);
  for (int i = 0; i < 4; ++i) autoencoder.dense(128);
  return {{"ds-cnn-s", ds_cnn.classifier(12)},
          {"resnet8", resnet.classifier(10)},
          {"fashion", fashion.classifier(10)},
          {"cifar", cifar.classifier(10)},
          {"autoencoder", autoencoder.output(640), Loss::kMeanSquaredError}};
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
