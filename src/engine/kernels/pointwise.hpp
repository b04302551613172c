#pragma once

#include "convolution.hpp"

namespace thimble::engine {

/// Whether every output pixel is made of the source pixel in the same place alone.
bool is_pointwise(const Sweep& sweep);

/// `convolve` where that is so: without a question where anything lies, and with all output
/// channels of a few pixels before the next.
void convolve_pointwise(const Convolution& task);

}  // namespace thimble::engine
