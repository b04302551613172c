#pragma once

#include <cstdint>

namespace thimble::engine {

// Flat arrays of `count` floats, a multiple of 16.

/// velocity = momentum · velocity + gradient; weights −= rate · (velocity, or gradient + momentum ·
/// velocity)
/// + decay · weights. `decay` is the factor of one step (learning rate · weight decay).
struct SgdUpdate {
  float rate = 0;
  float momentum = 0;
  bool nesterov = false;
  float decay = 0;
};
void update_sgd(std::int64_t count, const SgdUpdate& update, const float* gradient, float* velocity,
                float* weights);

/// m = beta1 · m + (1 − beta1) g, v = beta2 · v + (1 − beta2) g²,
/// weights −= rate · (m / correction1) / (√(v / correction2) + epsilon) + decay · weights.
struct AdamUpdate {
  float rate = 0;
  float beta1 = 0;
  float beta2 = 0;
  float epsilon = 0;
  float correction1 = 1;  // 1 − beta1^t
  float correction2 = 1;
  float decay = 0;
};
void update_adam(std::int64_t count, const AdamUpdate& update, const float* gradient, float* m,
                 float* v, float* weights);

/// average = decay · average + (1 − decay) · weights.
void update_average(std::int64_t count, float decay, const float* weights, float* average);

}  // namespace thimble::engine
