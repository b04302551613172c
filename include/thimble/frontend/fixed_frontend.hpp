#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "thimble/frontend/settings.hpp"

namespace thimble::frontend {

/// The front end as the device computes it, by the device's own sources (runtime/): every bit is
/// the same there.
class FixedFrontend {
 public:
  /// Throws ConfigError as `check` does.
  explicit FixedFrontend(const Settings& settings);
  ~FixedFrontend();
  FixedFrontend(FixedFrontend&&) noexcept;
  FixedFrontend& operator=(FixedFrontend&&) noexcept;

  /// One clip [clip_length] → [frames, width], after which nothing is left of any sample. Throws
  /// DataError for another length.
  std::vector<std::int8_t> features(std::span<const std::int16_t> clip);

  /// A stream in pieces of any size: takes samples until a clip is complete or none is left, and
  /// returns how many. A clip is complete after clip_length samples, then after each hop_length.
  std::size_t push(std::span<const std::int16_t> samples);
  /// Whether a clip is complete: until the next sample comes.
  bool ready() const;
  /// The features of the clip that is complete, [frames, width]. Throws DataError when none is.
  std::vector<std::int8_t> read();
  /// Forgets all samples.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thimble::frontend
