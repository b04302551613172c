#include "elementwise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
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

void channel_sums(std::int64_t pixels, std::int64_t channels, const float* values, double* sums) {
  for (std::int64_t c = 0; c < channels; ++c) {
    V sum = zero();
    for (std::int64_t p = 0; p < pixels; ++p) {
      const float* const x = values + (p * channels + c) * kLanes;
      HWY_UNROLL(16)
      for (int v = 0; v < kVectors; ++v) sum = hn::Add(sum, load(x + v * kWidth));
    }
    sums[c] += static_cast<double>(sum_of_lanes(sum));
  }
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
