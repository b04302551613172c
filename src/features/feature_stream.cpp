#include "thimble/features/feature_stream.hpp"

#include "thimble/core/error.hpp"

namespace thimble::features {

FeatureStream::FeatureStream(const frontend::Settings& settings, int every)
    : front_end_(settings), every_(every) {
  THIMBLE_ASSERT(every > 0);
}

void FeatureStream::push(std::span<const std::int16_t> samples, const Take& take) {
  while (!samples.empty()) {
    const std::size_t taken = front_end_.push(samples);
    samples = samples.subspan(taken);
    end_ += static_cast<std::int64_t>(taken);
    if (!front_end_.ready() || --until_read_ > 0) continue;
    until_read_ = every_;
    take(end_, front_end_.read());
  }
}

}  // namespace thimble::features
