#pragma once

#include <cstddef>
#include <span>

#include "thimble/graph/op.hpp"

namespace thimble::engine {

/// One block of images, [pixels][channels][16]. `mask` is 1 for the lanes that hold a sample and 0
/// for the others, or null when all do.
struct Field {
  std::size_t pixels = 0;
  std::size_t channels = 0;
  const float* mask = nullptr;
};

/// sums[c] += Σ (x − shift[c]), squares[c] += Σ (x − shift[c])². A shift near the mean keeps the
/// squares from cancelling.
void add_moments(const Field& field, const float* values, const float* shift, double* sums,
                 double* squares);

/// output = activation(scale[c] · x + offset[c]).
void normalise(const Field& field, const float* values, const float* scale, const float* offset,
               Activation activation, float* output);

/// g = gradient where the activation of scale[c] · x + offset[c] lets it pass, else 0:
/// sums[c] += Σ g, products[c] += Σ g · (x − mean[c]).
struct NormaliseBackward {
  Field field;
  const float* values = nullptr;
  const float* gradient = nullptr;
  const float* scale = nullptr;
  const float* offset = nullptr;
  const float* mean = nullptr;
  Activation activation = Activation::kNone;
};
void add_gradient_moments(const NormaliseBackward& task, double* sums, double* products);

/// output = scale[c] · g + slope[c] · (x − mean[c]) + constant[c] (+ addend), and 0 in lanes
/// without a sample.
void normalise_backward(const NormaliseBackward& task, const float* slope, const float* constant,
                        const float* addend, float* output);

}  // namespace thimble::engine
