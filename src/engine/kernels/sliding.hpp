#pragma once

#include <algorithm>

#include "depthwise.hpp"

namespace thimble::engine {

// Depthwise kernels for windows that slide along a row: each line of the source is loaded once for
// all the outputs of a tile that see it, where the general kernels load it once for each.

/// A range of columns or outputs: [low, high).
struct Range {
  int low;
  int high;
};

/// Of the `sources` columns from `first` on, those within an image of this width.
inline Range inside(int first, int sources, int width) {
  return {std::max(0, -first), std::min(sources, width - first)};
}

/// The outputs of a phase all of whose sources lie within an image of this width.
inline Range interior(const Phase& phase, int width) {
  const int stride = phase.source_stride;
  const int low = (std::max(0, -phase.first_source) + stride - 1) / stride;
  const int room = width - phase.taps - phase.first_source;
  const int high = room < 0 ? 0 : room / stride + 1;
  const int first = std::min(low, phase.outputs);
  return {first, std::clamp(high, first, phase.outputs)};
}

/// Rows of the highest kernel that slides.
inline constexpr int kMostKernelRows = 8;

/// Whether there is a sliding kernel for a sweep: as many channels in as out, no dilation of the
/// columns, widths 1 to 5 and 7 at stride 1, or 3, 5 and 7 at stride 2: kernels of width 3, 5 and 7
/// at strides 1 and 2, forward and backward.
bool slides(const Sweep& sweep);

/// What `convolve_depthwise` does. The sweep must slide.
void convolve_sliding(const DepthwiseConvolution& task);

/// The same for the kernel gradient: width 3, 5 or 7, stride 1 or 2.
bool gradient_slides(const Sweep& sweep);

/// What `accumulate_depthwise` does.
void accumulate_sliding(const DepthwiseGradient& task);

}  // namespace thimble::engine
