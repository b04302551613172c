#pragma once

#include <cstdint>

#include "thimble/graph/op.hpp"

namespace thimble::engine {

// Counts are in floats and multiples of 16; outputs may be one of the inputs.

/// output = activation(a + b); `b` may be null: output = activation(a).
void add(std::int64_t count, const float* a, const float* b, Activation activation, float* output);

/// output = scale · x + addend, `addend` may be null.
void scale(std::int64_t count, const float* x, float scale, const float* addend, float* output);

/// output = gradient where `activated` lies strictly between the activation's bounds, else 0; +
/// addend, which may be null.
void activation_gradient(std::int64_t count, const float* activated, const float* gradient,
                         Activation activation, const float* addend, float* output);

/// sums[c] += Σ over pixels and lanes of values [pixels][channels][16].
void add_channel_sums(std::int64_t pixels, std::int64_t channels, const float* values,
                      double* sums);

}  // namespace thimble::engine
