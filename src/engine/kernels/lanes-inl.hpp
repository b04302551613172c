// Included once for every instruction set (Highway's foreach_target): what all kernels share.
#if defined(THIMBLE_ENGINE_LANES_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef THIMBLE_ENGINE_LANES_INL_HPP_
#undef THIMBLE_ENGINE_LANES_INL_HPP_
#else
#define THIMBLE_ENGINE_LANES_INL_HPP_
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "../lanes.hpp"
#include "thimble/graph/op.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kLanes>;
using V = hn::Vec<D>;

/// Floats in one register, and registers for one row of lanes.
inline constexpr int kWidth = static_cast<int>(hn::MaxLanes(D()));
inline constexpr int kVectors = kLanes / kWidth;

/// The scalar fallback loops over its lanes: unrolled, it would be most of the library and of the
/// time to compile it.
inline constexpr int kUnrolledVectors = kVectors <= 4 ? 4 : 1;

inline constexpr int kRegisters = HWY_TARGET == HWY_AVX2 ? 16 : 32;

/// Rows of lanes that a kernel may hold as sums: 12 of AVX2's 16 registers, 24 of AVX-512's and
/// NEON's 32.
inline constexpr int kSums = HWY_TARGET == HWY_AVX3 ? 24 : 6;
/// Single registers that a kernel may hold as sums.
inline constexpr int kRegisterSums = HWY_TARGET == HWY_AVX2 ? 12 : 24;
/// Pixels that a tile of so many output channels spans: as many as the registers hold.
constexpr int tile_pixels(int channels) {
  return std::clamp(kSums / channels, 1, kVectors <= 4 ? 4 : 1);
}

/// What stands for the lines outside the image.
HWY_ALIGN inline constexpr float kBlackLine[kLanes] = {};

HWY_INLINE V zero() { return hn::Zero(D()); }
HWY_INLINE V splat(float value) { return hn::Set(D(), value); }
HWY_INLINE V load(const float* place) { return hn::Load(D(), place); }
HWY_INLINE void store(V value, float* place) { hn::Store(value, D(), place); }

/// An activation as two bounds; none is unbounded. To be applied as Min(high, Max(low, x)): in this
/// order x86 hands on a NaN, so that a network that diverges is seen to.
struct Bounds {
  explicit Bounds(Activation activation)
      : low(activation == Activation::kNone ? -HUGE_VALF : 0.0F),
        high(activation == Activation::kRelu6 ? 6.0F : HUGE_VALF) {}
  float low;
  float high;
};

/// The sum of a register's lanes, always in the same order.
HWY_INLINE float sum_of_lanes(V value) {
  HWY_ALIGN float lanes[kWidth];
  store(value, lanes);
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
