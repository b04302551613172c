#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "thimble/frontend/fixed_frontend.hpp"

namespace thimble::features {

/// A front end that listens, as the device's loop does: samples come in pieces of any size, and
/// features of the last clip_length samples are read when the first clip is complete and then after
/// every `every` hops.
class FeatureStream {
 public:
  /// `end`: samples from the beginning of the stream to the end of the clip. `features`: [frames,
  /// width], the same as `FixedFrontend::features` of that clip.
  using Take = std::function<void(std::int64_t end, std::span<const std::int8_t> features)>;

  /// `every` at least 1. Throws ConfigError as `check` does.
  FeatureStream(const frontend::Settings& settings, int every);

  void push(std::span<const std::int16_t> samples, const Take& take);

 private:
  frontend::FixedFrontend front_end_;
  int every_;
  int until_read_ = 1;    // complete clips up to the next one that is read
  std::int64_t end_ = 0;  // samples so far
};

}  // namespace thimble::features
