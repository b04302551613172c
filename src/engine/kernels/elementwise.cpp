#include "elementwise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "channel_sums-inl.hpp"
#include "lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

void add_flat(std::int64_t count, const float* a, const float* b, Activation activation,
              float* output) {
  const Bounds bounds(activation);
  const V low = splat(bounds.low);
  const V high = splat(bounds.high);
  for (std::int64_t i = 0; i < count; i += kWidth) {
    V x = load(a + i);
    if (b != nullptr) x = hn::Add(x, load(b + i));
    if (activation != Activation::kNone) x = hn::Min(high, hn::Max(low, x));
    store(x, output + i);
  }
}

void scale_flat(std::int64_t count, const float* x, float factor, const float* addend,
                float* output) {
  const V a = splat(factor);
  for (std::int64_t i = 0; i < count; i += kWidth) {
    const V y = hn::Mul(a, load(x + i));
    store(addend == nullptr ? y : hn::Add(y, load(addend + i)), output + i);
  }
}

void activation_gradient_flat(std::int64_t count, const float* activated, const float* gradient,
                              Activation activation, const float* addend, float* output) {
  const Bounds bounds(activation);
  const V low = splat(bounds.low);
  const V high = splat(bounds.high);
  for (std::int64_t i = 0; i < count; i += kWidth) {
    const V y = load(activated + i);
    const auto inside = hn::And(hn::Gt(y, low), hn::Lt(y, high));
    const V g = hn::IfThenElseZero(inside, load(gradient + i));
    store(addend == nullptr ? g : hn::Add(g, load(addend + i)), output + i);
  }
}

template <std::size_t kChannels>
void channel_sums_of(std::int64_t pixels, std::size_t pitch, const float* values, double* sums) {
  V sum[kChannels][kSumHalves];
  HWY_UNROLL(4)
  for (std::size_t i = 0; i < kChannels; ++i) {
    HWY_UNROLL(2)
    for (int h = 0; h < kSumHalves; ++h) sum[i][h] = zero();
  }
  for (std::int64_t p = 0; p < pixels; ++p, values += pitch) {
    HWY_UNROLL(4)
    for (std::size_t i = 0; i < kChannels; ++i) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) {
        V& to = sum[i][v % kSumHalves];
        to = hn::Add(to, load(values + i * kLanes + v * kWidth));
      }
    }
  }
  for (std::size_t i = 0; i < kChannels; ++i) sums[i] += wide_sum_of_halves(sum[i]);
}

void channel_sums(std::int64_t pixels, std::int64_t channels, const float* values, double* sums) {
  const auto pitch = static_cast<std::size_t>(channels * kLanes);
  for_channel_tiles(static_cast<std::size_t>(channels), [&]<std::size_t kChannels>(std::size_t c) {
    channel_sums_of<kChannels>(pixels, pitch, values + c * kLanes, sums + c);
  });
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(add_flat);
HWY_EXPORT(scale_flat);
HWY_EXPORT(activation_gradient_flat);
HWY_EXPORT(channel_sums);

void add(std::int64_t count, const float* a, const float* b, Activation activation, float* output) {
  HWY_DYNAMIC_DISPATCH(add_flat)(count, a, b, activation, output);
}
void scale(std::int64_t count, const float* x, float scale, const float* addend, float* output) {
  HWY_DYNAMIC_DISPATCH(scale_flat)(count, x, scale, addend, output);
}
void activation_gradient(std::int64_t count, const float* activated, const float* gradient,
                         Activation activation, const float* addend, float* output) {
  HWY_DYNAMIC_DISPATCH(activation_gradient_flat)
  (count, activated, gradient, activation, addend, output);
}
void add_channel_sums(std::int64_t pixels, std::int64_t channels, const float* values,
                      double* sums) {
  HWY_DYNAMIC_DISPATCH(channel_sums)(pixels, channels, values, sums);
}

}  // namespace thimble::engine
#endif
