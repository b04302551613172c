// Included once for each target of Highway, so there is no #pragma once here.
#if defined(THIMBLE_INT8_VECTORS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef THIMBLE_INT8_VECTORS_INL_H
#undef THIMBLE_INT8_VECTORS_INL_H
#else
#define THIMBLE_INT8_VECTORS_INL_H
#endif

#include "hwy/highway.h"
#include "quant/int8_kernels.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::int8::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// One row of sixteen samples is a whole number of vectors on every target.
using D32 = hn::CappedTag<std::int32_t, kLanes>;
using D16 = hn::Repartition<std::int16_t, D32>;
using D64 = hn::Repartition<std::int64_t, D32>;
using DU64 = hn::Repartition<std::uint64_t, D32>;
using V32 = hn::Vec<D32>;
using V16 = hn::Vec<D16>;

constexpr D32 d32;
constexpr D16 d16;
constexpr std::size_t kStep = hn::MaxLanes(d16);  // int16 values in a vector
constexpr std::size_t kVectors = kPairLength / kStep;

HWY_INLINE V16 broadcast_pair(std::int32_t weights) {
  return hn::BitCast(d16, hn::Set(d32, weights));
}

/// The two channels of a vector of pairs, widened.
HWY_INLINE V32 first_of(V16 pairs) {
  return hn::ShiftRight<16>(hn::ShiftLeft<16>(hn::BitCast(d32, pairs)));
}
HWY_INLINE V32 second_of(V16 pairs) { return hn::ShiftRight<16>(hn::BitCast(d32, pairs)); }
HWY_INLINE V16 paired(V32 first, V32 second) {
  const V32 low = hn::And(first, hn::Set(d32, 0xFFFF));
  return hn::BitCast(d16, hn::Or(low, hn::ShiftLeft<16>(second)));
}

/// `thimble::rescale`, bit for bit. The mantissa is not negative, so the high product cannot
/// saturate.
HWY_INLINE V32 rescaled(V32 x, const Rescaling& r) {
  const DU64 du64;
  const V32 mantissa = hn::Set(d32, r.mantissa);
  const V32 shifted = hn::ShiftLeftSame(x, r.left);
  const V32 odd = hn::BitCast(d32, hn::ShiftRight<32>(hn::BitCast(du64, shifted)));
  const auto half = hn::Set(D64(), std::int64_t{1} << 30);
  const auto even_product = hn::Add(hn::MulEven(shifted, mantissa), half);
  const auto odd_product = hn::Add(hn::MulEven(odd, mantissa), half);
  // Bits 31 … 62 of each product, brought to the half of the 64-bit lane where they belong.
  const V32 high =
      hn::OddEven(hn::BitCast(d32, hn::ShiftLeft<1>(hn::BitCast(du64, odd_product))),
                  hn::BitCast(d32, hn::ShiftRight<31>(hn::BitCast(du64, even_product))));
  const auto mask = static_cast<std::int32_t>((std::int64_t{1} << r.right) - 1);
  const V32 remainder = hn::And(high, hn::Set(d32, mask));
  const V32 threshold = hn::Sub(hn::Set(d32, mask >> 1), hn::BroadcastSignBit(high));
  const V32 round_up = hn::VecFromMask(d32, hn::Gt(remainder, threshold));  // −1 where true
  return hn::Sub(hn::ShiftRightSame(high, r.right), round_up);
}

HWY_INLINE V32 clamped(V32 x, Clamp clamp) {
  return hn::Max(hn::Min(x, hn::Set(d32, clamp.high)), hn::Set(d32, clamp.low));
}

}  // namespace thimble::int8::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
