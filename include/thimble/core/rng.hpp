#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace thimble {

/// Mixes a value into a hash: a bijection of 64 bits for each seed (SplitMix64's finaliser).
/// The same on every machine, so hashes may be written to files.
std::uint64_t mix(std::uint64_t hash, std::uint64_t value);

/// A seeded source of randomness: xoshiro256** (Blackman & Vigna 2018). Integers only in its state
/// and in its integer draws, so a seed gives the same draws on every machine and compiler (the
/// standard library's distributions do not promise that).
class Rng {
 public:
  explicit Rng(std::uint64_t seed);

  /// An independent source for a numbered purpose: `Rng(seed).fork(k)` is the same whatever was
  /// drawn from other forks. Depends on the seed and the path of forks, never on draws taken.
  [[nodiscard]] Rng fork(std::uint64_t stream) const;

  /// 64 random bits.
  std::uint64_t bits();
  /// Uniform over [low, high], both ends included; needs low <= high.
  std::int64_t uniform_int(std::int64_t low, std::int64_t high);
  /// Uniform over [0, 1), 53 bits.
  double uniform();
  /// Uniform over [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// True with the given probability.
  bool chance(double probability) { return uniform() < probability; }
  /// Standard normal (Box–Muller).
  double normal();

  /// Fisher–Yates.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      const auto j = static_cast<std::size_t>(uniform_int(0, static_cast<std::int64_t>(i) - 1));
      std::swap(items[i - 1], items[j]);
    }
  }

 private:
  std::uint64_t origin_;  // names this source among all forks of its seed; never changes
  std::array<std::uint64_t, 4> state_;
};

}  // namespace thimble
