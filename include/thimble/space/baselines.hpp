#pragma once

#include <span>
#include <string>
#include <string_view>

#include "thimble/graph/graph.hpp"
#include "thimble/space/task.hpp"

namespace thimble {

/// Published networks for microcontrollers, to compare with: `ds-cnn-s`, `resnet8`,
/// `mobilenetv1-025` and `ad-autoencoder` (MLPerf Tiny's keyword spotting, image classification,
/// visual wake words and anomaly detection; Banbury et al. 2021), and `micronet-kws-s`, `-m`, `-l`
/// and `micronet-ad-s`, `-m`, `-l` (MicroNets; Banbury, Zhou, Fedorov et al. 2021, Table 5).
std::span<const std::string> baseline_names();

/// The training graph of a published network on the task's input, ending in `task.logits()` logits
/// (published files have a softmax behind them, and two outputs for two classes). `ad-autoencoder`
/// instead rebuilds its input as one vector, whatever the classes. The last pool covers the whole
/// image, whatever its size. Throws ConfigError with the nearest name.
Graph baseline(std::string_view name, const Task& task);

/// Whether a published network is to answer its input instead of a class.
bool rebuilds_input(std::string_view baseline);

}  // namespace thimble
