#pragma once

#include <string>
#include <vector>

#include "thimble/engine/engine.hpp"

namespace thimble {

/// A network of the size that a search trains, and how it is trained.
struct SuiteNetwork {
  std::string name;
  Graph graph;
  Loss loss = Loss::kSoftmaxCrossEntropy;
};

/// What the engine is measured on: published networks (DS-CNN-S, ResNet-8, MobileNetV1-0.25 at
/// 96×96, the anomaly autoencoder, MicroNet-KWS-S and -AD-S), a Fashion-MNIST and a CIFAR-10
/// network with odd channel counts, a narrow MobileNetV2 at 50×50 grey, and ten random networks of
/// the `munas` space on 32×32×3 that fit 64 KiB of RAM and of flash.
std::vector<SuiteNetwork> engine_suite();

/// Multiply-accumulates of one sample, forward.
double macs_of(const Graph& graph);

}  // namespace thimble
