#pragma once

#include <cstddef>
#include <cstdint>
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

/// The upper half of a float.
using Bfloat16 = std::uint16_t;

/// The values of a field, in one of two precisions.
struct Values {
  const float* single = nullptr;
  const Bfloat16* half = nullptr;
};

/// Rounds to the nearest, of two to the even one; what is not a number stays so.
void round_to_half(const Field& field, const float* values, Bfloat16* rounded);

/// sums[c] += Σ (x − shift[c]), squares[c] += Σ (x − shift[c])². A shift near the mean keeps the
/// squares from cancelling. Where `rounded` is not null, x is rounded first and left there.
void add_moments(const Field& field, const float* values, const float* shift, double* sums,
                 double* squares, Bfloat16* rounded);

/// output = activation(scale[c] · x + offset[c]).
void normalise(const Field& field, Values values, const float* scale, const float* offset,
               Activation activation, float* output);

/// g = gradient where the activation of scale[c] · x + offset[c] lets it pass, else 0:
/// sums[c] += Σ g, products[c] += Σ g · (x − mean[c]). The gradient in half precision only where
/// the values are.
struct NormaliseBackward {
  Field field;
  Values values;
  Values gradient;
  const float* scale = nullptr;
  const float* offset = nullptr;
  const float* mean = nullptr;
  Activation activation = Activation::kNone;
};
/// Of a gradient in single precision. Where `rounded` is not null, which needs values in half
/// precision, the gradient is rounded first and left there.
void add_gradient_moments(const NormaliseBackward& task, double* sums, double* products,
                          Bfloat16* rounded);

/// output = scale[c] · g + slope[c] · (x − mean[c]) + constant[c] (+ addend), and 0 in lanes
/// without a sample.
void normalise_backward(const NormaliseBackward& task, const float* slope, const float* constant,
                        const float* addend, float* output);

}  // namespace thimble::engine
