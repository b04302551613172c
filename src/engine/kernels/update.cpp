#include "update.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/update.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

void sgd_flat(std::int64_t count, const SgdUpdate& update, const float* gradient, float* velocity,
              float* weights) {
  const V rate = splat(update.rate);
  const V momentum = splat(update.momentum);
  const V keep = splat(1.0F - update.decay);
  for (std::int64_t i = 0; i < count; i += kWidth) {
    const V g = load(gradient + i);
    const V v = hn::MulAdd(momentum, load(velocity + i), g);
    store(v, velocity + i);
    const V direction = update.nesterov ? hn::MulAdd(momentum, v, g) : v;
    store(hn::NegMulAdd(rate, direction, hn::Mul(keep, load(weights + i))), weights + i);
  }
}

void adam_flat(std::int64_t count, const AdamUpdate& update, const float* gradient, float* m,
               float* v, float* weights) {
  const V beta1 = splat(update.beta1);
  const V beta2 = splat(update.beta2);
  const V rest1 = splat(1.0F - update.beta1);
  const V rest2 = splat(1.0F - update.beta2);
  const V rate = splat(update.rate / update.correction1);
  const V scale2 = splat(1.0F / update.correction2);
  const V epsilon = splat(update.epsilon);
  const V keep = splat(1.0F - update.decay);
  for (std::int64_t i = 0; i < count; i += kWidth) {
    const V g = load(gradient + i);
    const V first = hn::MulAdd(beta1, load(m + i), hn::Mul(rest1, g));
    const V second = hn::MulAdd(beta2, load(v + i), hn::Mul(rest2, hn::Mul(g, g)));
    store(first, m + i);
    store(second, v + i);
    const V step = hn::Div(first, hn::Add(hn::Sqrt(hn::Mul(second, scale2)), epsilon));
    store(hn::NegMulAdd(rate, step, hn::Mul(keep, load(weights + i))), weights + i);
  }
}

void average_flat(std::int64_t count, float decay, const float* weights, float* average) {
  const V keep = splat(decay);
  const V rest = splat(1.0F - decay);
  for (std::int64_t i = 0; i < count; i += kWidth) {
    store(hn::MulAdd(keep, load(average + i), hn::Mul(rest, load(weights + i))), average + i);
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(sgd_flat);
HWY_EXPORT(adam_flat);
HWY_EXPORT(average_flat);

void update_sgd(std::int64_t count, const SgdUpdate& update, const float* gradient, float* velocity,
                float* weights) {
  HWY_DYNAMIC_DISPATCH(sgd_flat)(count, update, gradient, velocity, weights);
}
void update_adam(std::int64_t count, const AdamUpdate& update, const float* gradient, float* m,
                 float* v, float* weights) {
  HWY_DYNAMIC_DISPATCH(adam_flat)(count, update, gradient, m, v, weights);
}
void update_average(std::int64_t count, float decay, const float* weights, float* average) {
  HWY_DYNAMIC_DISPATCH(average_flat)(count, decay, weights, average);
}

}  // namespace thimble::engine
#endif
