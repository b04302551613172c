#pragma once

#include <span>
#include <vector>

#include "pixel_kernels.hpp"
#include "thimble/samples/augmentation.hpp"
#include "thimble/samples/samples.hpp"

namespace thimble {

// What changes the values of one sample, [H, W, C], that is normalised and placed.

/// As the comments of AugmentationPolicy say, on values in 0 … 1 before normalisation.
void vary_colours(const Colours& colours, const ChannelPatterns& patterns, std::span<float> image);

/// Sets the patch to 0, which stands for the mean.
void blank(const Patch& patch, Shape shape, std::span<float> sample);

/// Where a warped sample of `length` steps, at least 1, reads each of them: between 0 and length −
/// 1, rising.
void warped_times(double sigma, int length, Rng rng, std::vector<float>& times);

/// Reads a sample of `steps` steps of `channels` values at these times, linear between the steps.
/// `scratch` keeps its memory from call to call.
void warp(std::span<const float> times, std::size_t channels, std::vector<float>& scratch,
          std::span<float> sample);

void scale_channels(double sigma, std::size_t channels, Rng rng, std::span<float> sample);

void jitter(double sigma, Rng rng, std::span<float> sample);

}  // namespace thimble
