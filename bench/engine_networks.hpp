#pragma once

#include <string>
#include <vector>

#include "thimble/engine/engine.hpp"

namespace thimble {

/// A network of the size that a search trains, and how it is trained.
struct BenchNetwork {
  std::string name;
  Graph graph;
  Loss loss = Loss::kSoftmaxCrossEntropy;
};

/// DS-CNN-S, ResNet-8, a Fashion-MNIST and a CIFAR-10 network with odd channel counts, and an
/// autoencoder.
std::vector<BenchNetwork> bench_networks();

/// Multiply-accumulates of one sample, forward.
double macs_of(const Graph& graph);

}  // namespace thimble
