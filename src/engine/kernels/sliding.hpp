#pragma once

#include <algorithm>

#include "depthwise.hpp"

namespace thimble::engine {

// Depthwise kernels for windows that slide along a row: each line of the source is loaded once for
// all the outputs of a tile that see it, where the general kernels load it once for each.

/// Of the `sources` columns from `first` on, those within an image of this width: [low, high).
struct Inside {
  Inside(int first, int sources, int width)
      : low(std::max(0, -first)), high(std::min(sources, width - first)) {}
  int low;
  int high;
};

/// Whether the columns are read by neighbours of 1 to 5 or 7, at stride 1, or of 3, 5 or 7 at stride
/// 2: kernels of width 3, 5 and 7 that are not dilated, at strides 1 and 2, forward and backward.
bool slides(const Axis& columns);

/// What `convolve_depthwise` does; the columns must slide.
void convolve_sliding(const DepthwiseConvolution& task);

/// Whether the kernel gradient has a sliding kernel: width 3, 5 or 7, stride 1 or 2.
bool gradient_slides(const Axis& columns);

/// What `accumulate_depthwise` does.
void accumulate_sliding(const DepthwiseGradient& task);

}  // namespace thimble::engine
