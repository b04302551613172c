#pragma once

#include <optional>
#include <string>

#include "thimble/core/json.hpp"
#include "thimble/footprint/device.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble::cli {

/// What a network costs, operator by operator in the order of execution that needs least RAM.
struct Profile {
  std::string model;
  Graph graph;              ///< deployed, in that order
  PeakRam ram;              ///< of `graph` as stored
  Bytes ram_without_input;  ///< its own smallest peak, the network's input not counted
  Bytes ram_in_place;       ///< with the input, an addition written into one of its inputs
  std::vector<Bytes> live;  ///< while each node of `graph` runs
  Bytes tflite;             ///< size of the exported file
};

Profile profile_of(const Graph& training, std::string model);

OrderedJson to_json(const Profile& profile);
/// For people; with a device, how much of it is left.
std::string to_text(const Profile& profile, const std::optional<Device>& device);

}  // namespace thimble::cli
