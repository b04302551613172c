#include "normalise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/normalise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Channels whose sums are held in registers at the same time.
inline constexpr std::size_t kChannelTile = 4;

HWY_INLINE double wide_sum_of_lanes(V value) {
  HWY_ALIGN float lanes[kWidth];
  store(value, lanes);
  double sum = 0;
  for (const float lane : lanes) sum += static_cast<double>(lane);
  return sum;
}

HWY_INLINE V masked(V value, const float* mask, int v) {
  return mask == nullptr ? value : hn::Mul(value, load(mask + v * kWidth));
}

template <std::size_t kChannels>
void moments_of(const Field& field, std::size_t c, const float* values, const float* shift,
                double* sums, double* squares) {
  V sum[kChannels];
  V square[kChannels];
  V from[kChannels];
  HWY_UNROLL(4)
  for (std::size_t i = 0; i < kChannels; ++i) {
    sum[i] = square[i] = zero();
    from[i] = splat(shift[c + i]);
  }
  for (std::size_t p = 0; p < field.pixels; ++p) {
    const float* const pixel = values + (p * field.channels + c) * kLanes;
    HWY_UNROLL(4)
    for (std::size_t i = 0; i < kChannels; ++i) {
      HWY_UNROLL(16)
      for (int v = 0; v < kVectors; ++v) {
        const V x = masked(hn::Sub(load(pixel + i * kLanes + v * kWidth), from[i]), field.mask, v);
        sum[i] = hn::Add(sum[i], x);
        square[i] = hn::MulAdd(x, x, square[i]);
      }
    }
  }
  for (std::size_t i = 0; i < kChannels; ++i) {
    sums[c + i] += wide_sum_of_lanes(sum[i]);
    squares[c + i] += wide_sum_of_lanes(square[i]);
  }
}

void moments_block(const Field& field, const float* values, const float* shift, double* sums,
                   double* squares) {
  std::size_t c = 0;
  for (; c + kChannelTile <= field.channels; c += kChannelTile) {
    moments_of<kChannelTile>(field, c, values, shift, sums, squares);
  }
  for (; c < field.channels; ++c) moments_of<1>(field, c, values, shift, sums, squares);
}

void normalise_block(const Field& field, const float* values, const float* scale,
                     const float* offset, Activation activation, float* output) {
  const Bounds bounds(activation);
  const V low = splat(bounds.low);
  const V high = splat(bounds.high);
  for (std::size_t p = 0; p < field.pixels; ++p) {
    for (std::size_t c = 0; c < field.channels; ++c) {
      const std::size_t at = (p * field.channels + c) * kLanes;
      const V a = splat(scale[c]);
      const V b = splat(offset[c]);
      HWY_UNROLL(16)
      for (int v = 0; v < kVectors; ++v) {
        const V y = hn::MulAdd(a, load(values + at + v * kWidth), b);
        store(hn::Min(high, hn::Max(low, y)), output + at + v * kWidth);
      }
    }
  }
}

/// The gradient where the activation passes it: strictly between its bounds, as PyTorch has it.
HWY_INLINE V passed(V gradient, V activated, V low, V high) {
  const auto inside = hn::And(hn::Gt(activated, low), hn::Lt(activated, high));
  return hn::IfThenElseZero(inside, gradient);
}

template <std::size_t kChannels>
void gradient_moments_of(const NormaliseBackward& task, std::size_t c, double* sums,
                         double* products) {
  const Bounds bounds(task.activation);
  const V low = splat(bounds.low);
  const V high = splat(bounds.high);
  const Field& field = task.field;
  V sum[kChannels];
  V product[kChannels];
  HWY_UNROLL(4)
  for (std::size_t i = 0; i < kChannels; ++i) sum[i] = product[i] = zero();
  for (std::size_t p = 0; p < field.pixels; ++p) {
    const std::size_t at = (p * field.channels + c) * kLanes;
    HWY_UNROLL(4)
    for (std::size_t i = 0; i < kChannels; ++i) {
      HWY_UNROLL(16)
      for (int v = 0; v < kVectors; ++v) {
        const std::size_t place = at + i * kLanes + static_cast<std::size_t>(v * kWidth);
        const V x = load(task.values + place);
        const V y = hn::MulAdd(splat(task.scale[c + i]), x, splat(task.offset[c + i]));
        const V g = passed(load(task.gradient + place), y, low, high);
        sum[i] = hn::Add(sum[i], g);
        product[i] = hn::MulAdd(g, hn::Sub(x, splat(task.mean[c + i])), product[i]);
      }
    }
  }
  for (std::size_t i = 0; i < kChannels; ++i) {
    sums[c + i] += wide_sum_of_lanes(sum[i]);
    products[c + i] += wide_sum_of_lanes(product[i]);
  }
}

void gradient_moments_block(const NormaliseBackward& task, double* sums, double* products) {
  std::size_t c = 0;
  for (; c + kChannelTile <= task.field.channels; c += kChannelTile) {
    gradient_moments_of<kChannelTile>(task, c, sums, products);
  }
  for (; c < task.field.channels; ++c) gradient_moments_of<1>(task, c, sums, products);
}

void normalise_backward_block(const NormaliseBackward& task, const float* slope,
                              const float* constant, const float* addend, float* output) {
  const Bounds bounds(task.activation);
  const V low = splat(bounds.low);
  const V high = splat(bounds.high);
  const Field& field = task.field;
  for (std::size_t p = 0; p < field.pixels; ++p) {
    for (std::size_t c = 0; c < field.channels; ++c) {
      const V a = splat(task.scale[c]);
      const V b = splat(task.offset[c]);
      const V mean = splat(task.mean[c]);
      const V k = splat(slope[c]);
      const V d = splat(constant[c]);
      HWY_UNROLL(16)
      for (int v = 0; v < kVectors; ++v) {
        const std::size_t at =
            (p * field.channels + c) * kLanes + static_cast<std::size_t>(v * kWidth);
        const V x = load(task.values + at);
        const V g = passed(load(task.gradient + at), hn::MulAdd(a, x, b), low, high);
        V dx = hn::MulAdd(a, g, hn::MulAdd(k, hn::Sub(x, mean), d));
        dx = masked(dx, field.mask, v);
        if (addend != nullptr) dx = hn::Add(dx, load(addend + at));
        store(dx, output + at);
      }
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(moments_block);
HWY_EXPORT(normalise_block);
HWY_EXPORT(gradient_moments_block);
HWY_EXPORT(normalise_backward_block);

void add_moments(const Field& field, const float* values, const float* shift, double* sums,
                 double* squares) {
  HWY_DYNAMIC_DISPATCH(moments_block)(field, values, shift, sums, squares);
}
void normalise(const Field& field, const float* values, const float* scale, const float* offset,
               Activation activation, float* output) {
  HWY_DYNAMIC_DISPATCH(normalise_block)(field, values, scale, offset, activation, output);
}
void add_gradient_moments(const NormaliseBackward& task, double* sums, double* products) {
  HWY_DYNAMIC_DISPATCH(gradient_moments_block)(task, sums, products);
}
void normalise_backward(const NormaliseBackward& task, const float* slope, const float* constant,
                        const float* addend, float* output) {
  HWY_DYNAMIC_DISPATCH(normalise_backward_block)(task, slope, constant, addend, output);
}

}  // namespace thimble::engine
#endif
