#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "thimble/core/rng.hpp"

namespace thimble::footprint {

/// Sets of executed segments, numbered in the order in which they were first inserted. A hash table
/// with open addressing.
class ExecutedSets {
 public:
  /// Each set has `words` × 64 places.
  explicit ExecutedSets(std::size_t words) : words_(words), slots_(kFirstSlots, kFree) {}

  /// False when the set is there already; else it gets the next number.
  bool insert(const std::uint64_t* set) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    std::int32_t& slot = slots_[slot_of(set)];
    if (slot != kFree) return false;
    slot = static_cast<std::int32_t>(count_++);
    sets_.insert(sets_.end(), set, set + words_);
    return true;
  }

  /// Valid until the next insertion.
  const std::uint64_t* operator[](std::int32_t number) const {
    return sets_.data() + static_cast<std::size_t>(number) * words_;
  }

 private:
  static constexpr std::size_t kFirstSlots = 64;
  static constexpr std::int32_t kFree = -1;

  /// Where the set is, or else the free slot where it belongs.
  std::size_t slot_of(const std::uint64_t* set) const {
    std::uint64_t hash = 0;
    for (std::size_t w = 0; w < words_; ++w) hash = mix(hash, set[w]);
    std::size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot] != kFree && !std::equal(set, set + words_, (*this)[slots_[slot]])) {
      slot = (slot + 1) & (slots_.size() - 1);
    }
    return slot;
  }

  void grow() {
    slots_.assign(2 * slots_.size(), kFree);
    for (std::size_t i = 0; i < count_; ++i) {
      const auto number = static_cast<std::int32_t>(i);
      slots_[slot_of((*this)[number])] = number;
    }
  }

  std::size_t words_;
  std::size_t count_ = 0;
  std::vector<std::uint64_t> sets_;
  std::vector<std::int32_t> slots_;  // a power of two of them
};

}  // namespace thimble::footprint
