#include "normalise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/normalise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "bfloat16-inl.hpp"
#include "channel_sums-inl.hpp"
#include "lanes-inl.hpp"

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Pixels that share the coefficients of a channel once they are loaded: few enough that their
/// lines stay in the first cache, for the next channel's are their neighbours.
inline constexpr std::size_t kMostPixels = 8;
constexpr std::size_t pixel_tile(std::size_t channels) {
  constexpr std::size_t kLines = 128;
  return std::clamp<std::size_t>(kLines / channels, 1, kMostPixels);
}

HWY_INLINE V masked(V value, const float* mask, int v) {
  return mask == nullptr ? value : hn::Mul(value, load(mask + v * kWidth));
}

void round_block(const Field& field, const float* values, Bfloat16* rounded) {
  const std::size_t count = field.pixels * field.channels * kLanes;
  for (std::size_t i = 0; i < count; i += kWidth) store_rounded(load(values + i), rounded + i);
}

template <bool kRound, std::size_t kChannels>
void moments_of(const Field& field, std::size_t c, const float* values, const float* shift,
                double* sums, double* squares, Bfloat16* rounded) {
  V sum[kChannels][kSumHalves];
  V square[kChannels][kSumHalves];
  V from[kChannels];
  HWY_UNROLL(4)
  for (std::size_t i = 0; i < kChannels; ++i) {
    from[i] = splat(shift[c + i]);
    HWY_UNROLL(2)
    for (int h = 0; h < kSumHalves; ++h) sum[i][h] = square[i][h] = zero();
  }
  for (std::size_t p = 0; p < field.pixels; ++p) {
    const std::size_t pixel = (p * field.channels + c) * kLanes;
    HWY_UNROLL(4)
    for (std::size_t i = 0; i < kChannels; ++i) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) {
        const std::size_t place = pixel + i * kLanes + static_cast<std::size_t>(v * kWidth);
        V x = load(values + place);
        if constexpr (kRound) x = store_rounded(x, rounded + place);
        x = masked(hn::Sub(x, from[i]), field.mask, v);
        sum[i][v % kSumHalves] = hn::Add(sum[i][v % kSumHalves], x);
        square[i][v % kSumHalves] = hn::MulAdd(x, x, square[i][v % kSumHalves]);
      }
    }
  }
  for (std::size_t i = 0; i < kChannels; ++i) {
    sums[c + i] += wide_sum_of_halves(sum[i]);
    squares[c + i] += wide_sum_of_halves(square[i]);
  }
}

void moments_block(const Field& field, const float* values, const float* shift, double* sums,
                   double* squares, Bfloat16* rounded) {
  for_channel_tiles(field.channels, [&]<std::size_t kChannels>(std::size_t c) {
    if (rounded == nullptr) {
      moments_of<false, kChannels>(field, c, values, shift, sums, squares, nullptr);
    } else {
      moments_of<true, kChannels>(field, c, values, shift, sums, squares, rounded);
    }
  });
}

/// Calls use(first float of the pixel's channel) for all pixels and channels, `begin(channel)`
/// before each run of them in one channel.
template <class Begin, class Use>
HWY_INLINE void for_lines(const Field& field, const Begin& begin, const Use& use) {
  const std::size_t tile = pixel_tile(field.channels);
  for (std::size_t first = 0; first < field.pixels; first += tile) {
    const std::size_t end = std::min(first + tile, field.pixels);
    for (std::size_t c = 0; c < field.channels; ++c) {
      const auto coefficients = begin(c);
      for (std::size_t p = first; p < end; ++p) {
        use(coefficients, (p * field.channels + c) * kLanes);
      }
    }
  }
}

template <Activation kActivation>
HWY_INLINE V activated(V value) {
  if constexpr (kActivation == Activation::kNone) return value;
  // In this order x86 hands on a NaN, as Bounds has it.
  value = hn::Max(zero(), value);
  return kActivation == Activation::kRelu6 ? hn::Min(splat(6.0F), value) : value;
}

/// The gradient where the activation passes it: strictly between its bounds, as PyTorch has it.
template <Activation kActivation>
HWY_INLINE V passed(V gradient, V before) {
  if constexpr (kActivation == Activation::kNone) return gradient;
  auto inside = hn::Gt(before, zero());
  if constexpr (kActivation == Activation::kRelu6) {
    inside = hn::And(inside, hn::Lt(before, splat(6.0F)));
  }
  return hn::IfThenElseZero(inside, gradient);
}

/// Calls use(values) with those that there are.
template <class Use>
void with_values(Values values, const Use& use) {
  if (values.half != nullptr) {
    use(values.half);
  } else {
    use(values.single);
  }
}

/// Calls use<activation>().
template <class Use>
void with_activation(Activation activation, const Use& use) {
  switch (activation) {
    case Activation::kNone:
      return use.template operator()<Activation::kNone>();
    case Activation::kRelu:
      return use.template operator()<Activation::kRelu>();
    case Activation::kRelu6:
      return use.template operator()<Activation::kRelu6>();
  }
}

struct Affine {
  V scale;
  V offset;
};

template <Activation kActivation, class T>
void normalise_as(const Field& field, const T* values, const float* scale, const float* offset,
                  float* output) {
  for_lines(
      field,
      [&](std::size_t c) HWY_ATTR {
        return Affine{splat(scale[c]), splat(offset[c])};
      },
      [&](const Affine& affine, std::size_t at) HWY_ATTR {
        HWY_UNROLL(kUnrolledVectors)
        for (int v = 0; v < kVectors; ++v) {
          const V y = hn::MulAdd(affine.scale, load(values + at + v * kWidth), affine.offset);
          store(activated<kActivation>(y), output + at + v * kWidth);
        }
      });
}

void normalise_block(const Field& field, Values values, const float* scale, const float* offset,
                     Activation activation, float* output) {
  with_activation(activation, [&]<Activation kActivation>() {
    with_values(values,
                [&](const auto* x) { normalise_as<kActivation>(field, x, scale, offset, output); });
  });
}

template <Activation kActivation, bool kRound, std::size_t kChannels, class T>
void gradient_moments_of(const NormaliseBackward& task, const T* values, std::size_t c,
                         double* sums, double* products, Bfloat16* rounded) {
  const Field& field = task.field;
  V sum[kChannels][kSumHalves];
  V product[kChannels][kSumHalves];
  HWY_UNROLL(4)
  for (std::size_t i = 0; i < kChannels; ++i) {
    HWY_UNROLL(2)
    for (int h = 0; h < kSumHalves; ++h) sum[i][h] = product[i][h] = zero();
  }
  for (std::size_t p = 0; p < field.pixels; ++p) {
    const std::size_t at = (p * field.channels + c) * kLanes;
    HWY_UNROLL(4)
    for (std::size_t i = 0; i < kChannels; ++i) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) {
        const std::size_t place = at + i * kLanes + static_cast<std::size_t>(v * kWidth);
        const V x = load(values + place);
        const V y = hn::MulAdd(splat(task.scale[c + i]), x, splat(task.offset[c + i]));
        V g = load(task.gradient.single + place);
        if constexpr (kRound) g = store_rounded(g, rounded + place);
        g = passed<kActivation>(g, y);
        const int h = v % kSumHalves;
        sum[i][h] = hn::Add(sum[i][h], g);
        product[i][h] = hn::MulAdd(g, hn::Sub(x, splat(task.mean[c + i])), product[i][h]);
      }
    }
  }
  for (std::size_t i = 0; i < kChannels; ++i) {
    sums[c + i] += wide_sum_of_halves(sum[i]);
    products[c + i] += wide_sum_of_halves(product[i]);
  }
}

void gradient_moments_block(const NormaliseBackward& task, double* sums, double* products,
                            Bfloat16* rounded) {
  const Values x = task.values;
  with_activation(task.activation, [&]<Activation kActivation>() {
    for_channel_tiles(task.field.channels, [&]<std::size_t kChannels>(std::size_t c) {
      if (x.half == nullptr) {
        gradient_moments_of<kActivation, false, kChannels>(task, x.single, c, sums, products,
                                                           nullptr);
      } else if (rounded == nullptr) {
        gradient_moments_of<kActivation, false, kChannels>(task, x.half, c, sums, products,
                                                           nullptr);
      } else {
        gradient_moments_of<kActivation, true, kChannels>(task, x.half, c, sums, products, rounded);
      }
    });
  });
}

struct BackwardCoefficients {
  Affine forward;
  V mean;
  V slope;
  V constant;
};

template <Activation kActivation, class T, class G>
void normalise_backward_as(const NormaliseBackward& task, const T* values, const G* gradient,
                           const float* slope, const float* constant, const float* addend,
                           float* output) {
  for_lines(
      task.field,
      [&](std::size_t c) HWY_ATTR {
        return BackwardCoefficients{{splat(task.scale[c]), splat(task.offset[c])},
                                    splat(task.mean[c]),
                                    splat(slope[c]),
                                    splat(constant[c])};
      },
      [&](const BackwardCoefficients& with, std::size_t line) HWY_ATTR {
        HWY_UNROLL(kUnrolledVectors)
        for (int v = 0; v < kVectors; ++v) {
          const std::size_t at = line + static_cast<std::size_t>(v * kWidth);
          const V x = load(values + at);
          const V g = passed<kActivation>(load(gradient + at),
                                          hn::MulAdd(with.forward.scale, x, with.forward.offset));
          V dx = hn::MulAdd(with.forward.scale, g,
                            hn::MulAdd(with.slope, hn::Sub(x, with.mean), with.constant));
          dx = masked(dx, task.field.mask, v);
          if (addend != nullptr) dx = hn::Add(dx, load(addend + at));
          store(dx, output + at);
        }
      });
}

void normalise_backward_block(const NormaliseBackward& task, const float* slope,
                              const float* constant, const float* addend, float* output) {
  const Values x = task.values;
  const Values g = task.gradient;
  with_activation(task.activation, [&]<Activation kActivation>() {
    if (x.half == nullptr) {
      normalise_backward_as<kActivation>(task, x.single, g.single, slope, constant, addend, output);
    } else if (g.half == nullptr) {
      normalise_backward_as<kActivation>(task, x.half, g.single, slope, constant, addend, output);
    } else {
      normalise_backward_as<kActivation>(task, x.half, g.half, slope, constant, addend, output);
    }
  });
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(round_block);
HWY_EXPORT(moments_block);
HWY_EXPORT(normalise_block);
HWY_EXPORT(gradient_moments_block);
HWY_EXPORT(normalise_backward_block);

void round_to_half(const Field& field, const float* values, Bfloat16* rounded) {
  HWY_DYNAMIC_DISPATCH(round_block)(field, values, rounded);
}
void add_moments(const Field& field, const float* values, const float* shift, double* sums,
                 double* squares, Bfloat16* rounded) {
  HWY_DYNAMIC_DISPATCH(moments_block)(field, values, shift, sums, squares, rounded);
}
void normalise(const Field& field, Values values, const float* scale, const float* offset,
               Activation activation, float* output) {
  HWY_DYNAMIC_DISPATCH(normalise_block)(field, values, scale, offset, activation, output);
}
void add_gradient_moments(const NormaliseBackward& task, double* sums, double* products,
                          Bfloat16* rounded) {
  HWY_DYNAMIC_DISPATCH(gradient_moments_block)(task, sums, products, rounded);
}
void normalise_backward(const NormaliseBackward& task, const float* slope, const float* constant,
                        const float* addend, float* output) {
  HWY_DYNAMIC_DISPATCH(normalise_backward_block)(task, slope, constant, addend, output);
}

}  // namespace thimble::engine
#endif
