#include "pixel_kernels.hpp"

namespace thimble {
namespace {

/// ITU-R BT.601.
constexpr float kGreyOfRgb[] = {0.299F, 0.587F, 0.114F};

}  // namespace

ChannelPatterns::ChannelPatterns(const Normalisation& normalisation, double full)
    : channels(normalisation.mean.size()) {
  for (std::size_t i = 0; i < kBlockPixels * channels; ++i) {
    const std::size_t c = i % channels;
    const double deviation = normalisation.stddev[c];
    scale.push_back(static_cast<float>(1 / (full * deviation)));
    offset.push_back(static_cast<float>(-normalisation.mean[c] / deviation));
    stddev.push_back(normalisation.stddev[c]);
    mean.push_back(normalisation.mean[c]);
    inverse.push_back(static_cast<float>(1 / deviation));
    grey.push_back(channels == 3 ? kGreyOfRgb[c] : 1 / static_cast<float>(channels));
  }
}

}  // namespace thimble
