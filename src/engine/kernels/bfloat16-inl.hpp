// Included once for every instruction set (Highway's foreach_target): rows of lanes in bfloat16.
#if defined(THIMBLE_ENGINE_BFLOAT16_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef THIMBLE_ENGINE_BFLOAT16_INL_HPP_
#undef THIMBLE_ENGINE_BFLOAT16_INL_HPP_
#else
#define THIMBLE_ENGINE_BFLOAT16_INL_HPP_
#endif

#include "lanes-inl.hpp"
#include "normalise.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

using HalfD = hn::Rebind<Bfloat16, D>;
using BitsD = hn::Rebind<std::uint32_t, D>;

HWY_INLINE V load(const Bfloat16* place) {
  const auto bits = hn::PromoteTo(BitsD(), hn::Load(HalfD(), place));
  return hn::BitCast(D(), hn::ShiftLeft<16>(bits));
}

/// Rounds `value`, stores it and returns what was stored. Of no number that arithmetic makes are
/// the low bits all set, so what is added cannot turn it into one.
HWY_INLINE V store_rounded(V value, Bfloat16* place) {
  const auto bits = hn::BitCast(BitsD(), value);
  const auto even = hn::And(hn::ShiftRight<16>(bits), hn::Set(BitsD(), 1));
  const auto half = hn::ShiftRight<16>(hn::Add(bits, hn::Add(even, hn::Set(BitsD(), 0x7FFF))));
  hn::Store(hn::DemoteTo(HalfD(), hn::BitCast(hn::Rebind<std::int32_t, D>(), half)), HalfD(),
            place);
  return hn::BitCast(D(), hn::ShiftLeft<16>(half));
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
