#include "thimble/features/detection_score.hpp"

#include <algorithm>

#include "thimble/core/error.hpp"

namespace thimble::features {

DetectionScore score(std::span<const Detection> detections, std::span<const Event> events,
                     double hears_s, double stream_s) {
  THIMBLE_ASSERT(stream_s > 0);
  std::vector<const Event*> waiting;
  for (const Event& event : events) waiting.push_back(&event);
  std::ranges::stable_sort(waiting, {}, &Event::start);
  DetectionScore result{.events = events.size()};
  for (const Detection& heard : detections) {
    const auto found = std::ranges::find_if(waiting, [&](const Event* event) {
      return event->label == heard.label && heard.at >= event->start &&
             heard.at - hears_s <= event->end;
    });
    if (found == waiting.end()) {
      ++result.false_accepts;
    } else {
      waiting.erase(found);
    }
  }
  result.false_rejects = waiting.size();
  result.false_accepts_per_hour = static_cast<double>(result.false_accepts) * 3600 / stream_s;
  return result;
}

}  // namespace thimble::features
