#pragma once

#include <string>
#include <vector>

#include "thimble/arena/arena_plan.hpp"
#include "thimble/core/json.hpp"
#include "thimble/optimise/memory_advice.hpp"

namespace thimble::cli {

/// TensorFlow Lite Micro's memory for a network, or why it is not known.
struct ArenaForecast {
  const ArenaTarget* target = nullptr;  ///< absent: the device has none
  std::string unknown;                  ///< why there is no plan; empty: there is one
  ArenaNetwork network;
  ArenaPlan plan;
  /// What would lower the arena, as thimble writes the network.
  std::vector<MemoryAdvice> advice;
};

/// Of a file; `graph` is what `read_tflite` reads from it. An operator that the target does not
/// know gives a forecast that says so.
ArenaForecast forecast_of_file(ArenaNetwork network, const Graph& graph, const ArenaTarget& target);

/// The same for a deployed graph, in the layout in which it is exported for TensorFlow Lite Micro.
ArenaForecast forecast_of_export(const Graph& graph, const ArenaTarget& target);

OrderedJson to_json(const ArenaForecast& forecast);

OrderedJson to_json(const std::vector<MemoryAdvice>& advice);
/// A line each, under a heading; nothing where there is none.
std::string to_text(const std::vector<MemoryAdvice>& advice);

/// The figures, and the head as a picture: a line for each buffer, time from left to right.
std::string to_text(const ArenaForecast& forecast);

}  // namespace thimble::cli
