#pragma once

#include <filesystem>

#include "training_job.hpp"

namespace thimble {

/// Writes what another framework needs to train the same network on the same samples, and what it
/// must find: `folder/NAME.json` (nodes with all their settings, padding in pixels; the loss of the
/// first step; where each array lies) and `folder/NAME.bin` (weights, samples, targets, and the
/// gradients of the first step, float32 in our layouts).
void write_network_file(const SuiteNetwork& network, const std::filesystem::path& folder);

}  // namespace thimble
