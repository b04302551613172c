#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "arena_report.hpp"
#include "thimble/core/json.hpp"
#include "thimble/footprint/device.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble::cli {

/// What a network costs, operator by operator: in the order of execution that needs least RAM, or,
/// of a file, in its own.
struct Profile {
  std::string model;
  Graph graph;  ///< deployed, in that order
  OperatorOrder order = OperatorOrder::kBest;
  PeakRam ram;                       ///< of `graph` as stored
  Bytes ram_without_input;           ///< the network's input not counted
  Bytes ram_in_place;                ///< with the input, an addition written into one of its inputs
  std::vector<Bytes> live;           ///< while each node of `graph` runs
  Bytes tflite;                      ///< size of the file
  std::vector<MemoryAdvice> advice;  ///< what would lower `ram`
  std::optional<ArenaForecast> arena;  ///< where somebody asked for it
};

/// The two figures beside the peak are those of their own best orders.
Profile profile_of(const Graph& training, std::string model);
/// Of a `.tflite` file as it is. Throws ModelError as `read_tflite` does.
Profile profile_of_file(std::span<const std::uint8_t> file, const std::string& path);

OrderedJson to_json(const Profile& profile);
/// For people; with a device, how much of it is left.
std::string to_text(const Profile& profile, const std::optional<Device>& device);

}  // namespace thimble::cli
