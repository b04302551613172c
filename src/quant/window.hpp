#pragma once

#include <algorithm>

#include "thimble/graph/op.hpp"

namespace thimble {

/// The taps of a kernel that meet the image, along one axis: [begin, end).
struct Taps {
  int begin = 0;
  int end = 0;

  int count() const { return end - begin; }
};

/// A sliding window over an image with its padding worked out.
struct Window {
  Shape in;
  Shape out;
  Extent kernel;
  Extent stride;
  Extent dilation;
  int top = 0;   // rows of padding before the image
  int left = 0;  // columns

  static Window over(Shape in, Shape out, Extent kernel, Extent stride, Extent dilation,
                     Padding padding) {
    return {
        .in = in,
        .out = out,
        .kernel = kernel,
        .stride = stride,
        .dilation = dilation,
        .top = padding_before(in.height, kernel.height, stride.height, dilation.height, padding),
        .left = padding_before(in.width, kernel.width, stride.width, dilation.width, padding)};
  }

  /// Where the first tap of output row y (column x) lies in the image; negative in the padding.
  int row(int y) const { return y * stride.height - top; }
  int column(int x) const { return x * stride.width - left; }

  Taps rows(int y) const { return inside(row(y), kernel.height, dilation.height, in.height); }
  Taps columns(int x) const { return inside(column(x), kernel.width, dilation.width, in.width); }

 private:
  static Taps inside(int first, int kernel, int dilation, int length) {
    const int begin = (std::max(0, -first) + dilation - 1) / dilation;
    const int end = (std::max(0, length - first) + dilation - 1) / dilation;
    return {.begin = begin, .end = std::max(begin, std::min(end, kernel))};
  }
};

}  // namespace thimble
