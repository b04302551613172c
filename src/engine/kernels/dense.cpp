#include "dense.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/dense.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <algorithm>
#include <array>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

inline constexpr int kMostUnits = 6;

/// Sixteen inputs by kUnits units.
template <int kUnits>
void dense_tile(const DenseGradient& task, std::size_t input, std::size_t unit) {
  const std::size_t pitch = static_cast<std::size_t>(dense_pitch(task.inputs));
  float* const gradient = task.gradient + unit * pitch + input;
  V sums[kUnits][kVectors];
  HWY_UNROLL(6)
  for (std::size_t u = 0; u < kUnits; ++u) {
    HWY_UNROLL(kUnrolledVectors)
    for (int v = 0; v < kVectors; ++v) sums[u][v] = load(gradient + u * pitch + v * kWidth);
  }
  const float* HWY_RESTRICT dy = task.output_gradient + unit * kLanes;
  for (std::size_t sample = 0; sample < kLanes; ++sample) {
    const float* HWY_RESTRICT x = task.input + sample * pitch + input;
    V in[kVectors];
    HWY_UNROLL(kUnrolledVectors)
    for (int v = 0; v < kVectors; ++v) in[v] = load(x + v * kWidth);
    HWY_UNROLL(6)
    for (std::size_t u = 0; u < kUnits; ++u) {
      const V factor = splat(dy[u * kLanes + sample]);
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) sums[u][v] = hn::MulAdd(factor, in[v], sums[u][v]);
    }
  }
  HWY_UNROLL(6)
  for (std::size_t u = 0; u < kUnits; ++u) {
    HWY_UNROLL(kUnrolledVectors)
    for (int v = 0; v < kVectors; ++v) store(sums[u][v], gradient + u * pitch + v * kWidth);
  }
}

void dense_block(const DenseGradient& task) {
  static constexpr std::array kFunctions{&dense_tile<1>, &dense_tile<2>, &dense_tile<3>,
                                         &dense_tile<4>, &dense_tile<5>, &dense_tile<6>};
  const std::size_t pitch = static_cast<std::size_t>(dense_pitch(task.inputs));
  for (int unit = 0; unit < task.units; unit += kMostUnits) {
    const int count = std::min(kMostUnits, task.units - unit);
    for (std::size_t input = 0; input < pitch; input += kLanes) {
      kFunctions[static_cast<std::size_t>(count - 1)](task, input, static_cast<std::size_t>(unit));
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(dense_block);

void accumulate_dense(const DenseGradient& task) { HWY_DYNAMIC_DISPATCH(dense_block)(task); }

}  // namespace thimble::engine
#endif
