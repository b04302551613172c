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
  /// What would lower the arena of `graph`, as thimble writes it.
  std::vector<MemoryAdvice> advice;
};

/// `graph` is the same network; `order` says in which order it and its changes run. An operator
/// that the target does not know gives a forecast that says so.
ArenaForecast forecast_arena(ArenaNetwork network, const ArenaTarget& target, const Graph& graph,
                             Order order);

OrderedJson to_json(const ArenaForecast& forecast);

OrderedJson to_json(const std::vector<MemoryAdvice>& advice);
/// A line each, under a heading; nothing where there is none.
std::string to_text(const std::vector<MemoryAdvice>& advice);

/// The figures, and the head as a picture: a line for each buffer, time from left to right.
std::string to_text(const ArenaForecast& forecast);

}  // namespace thimble::cli
