#include "thimble/core/rng.hpp"

#include <cmath>
#include <numbers>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

constexpr std::uint64_t rotate_left(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

constexpr std::uint64_t finalise(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ULL;

}  // namespace

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  return finalise(finalise(hash + kGolden) ^ (value + kGolden));
}

Rng::Rng(std::uint64_t seed) : origin_(seed) {
  std::uint64_t z = seed;
  for (auto& word : state_) word = finalise(z += kGolden);
}

Rng Rng::fork(std::uint64_t stream) const { return Rng(mix(origin_, stream)); }

std::uint64_t Rng::bits() {
  const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

std::int64_t Rng::uniform_int(std::int64_t low, std::int64_t high) {
  THIMBLE_ASSERT(low <= high);
  const std::uint64_t range =
      static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  if (range == 0) return static_cast<std::int64_t>(bits());
  // Draws from the last, incomplete run of `range` values would favour its beginning.
  const std::uint64_t limit = -range % range;
  std::uint64_t draw = bits();
  while (draw < limit) draw = bits();
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + draw % range);
}

double Rng::uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

double Rng::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace thimble
