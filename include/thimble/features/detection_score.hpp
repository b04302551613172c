#pragma once

#include <cstddef>
#include <span>

#include "thimble/features/detector.hpp"

namespace thimble::features {

/// What is to be heard in a stream, in seconds from its beginning.
struct Event {
  double start = 0;
  double end = 0;
  int label = 0;
};

struct DetectionScore {
  std::size_t events = 0;
  std::size_t false_rejects = 0;  // events that nothing was heard of
  std::size_t false_accepts = 0;  // what was heard and was none, a second time included
  double false_accepts_per_hour = 0;

  bool operator==(const DetectionScore&) const = default;
};

/// What was heard at t tells of the `hears_s` seconds before it: it is of an event whose time and
/// that one meet and whose label it has. Each in its turn is of the first such event that nothing
/// was heard of yet. `stream_s`: the length of the stream, above 0.
DetectionScore score(std::span<const Detection> detections, std::span<const Event> events,
                     double hears_s, double stream_s);

}  // namespace thimble::features
