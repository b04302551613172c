#pragma once

#include <string>

#include "thimble/arena/arena_plan.hpp"
#include "thimble/core/json.hpp"

namespace thimble::cli {

/// TensorFlow Lite Micro's memory for a network, or why it is not known.
struct ArenaForecast {
  const ArenaTarget* target = nullptr;  ///< absent: the device has none
  std::string unknown;                  ///< why there is no plan; empty: there is one
  ArenaNetwork network;
  ArenaPlan plan;
};

/// An operator that the target does not know gives a forecast that says so.
ArenaForecast forecast_arena(ArenaNetwork network, const ArenaTarget& target);

OrderedJson to_json(const ArenaForecast& forecast);

/// The figures, and the head as a picture: a line for each buffer, time from left to right.
std::string to_text(const ArenaForecast& forecast);

}  // namespace thimble::cli
