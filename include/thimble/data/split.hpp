#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "thimble/core/rng.hpp"

namespace thimble {

/// Divides samples into parts so that every class is spread over the parts in the proportion of
/// `shares` (each ≥ 0, together 1). Returns the ascending indices of each part; the parts are
/// disjoint and complete. A part holds n·share samples of a class of n, rounded down or up; what
/// rounding leaves over goes where the part has so far got the least, so that with two shares a
/// part's total is also within one of its share. Labels need not be dense, but are not negative.
/// The same rng gives the same split.
std::vector<std::vector<std::uint32_t>> stratified_split(std::span<const std::int32_t> labels,
                                                         std::span<const double> shares, Rng rng);

/// The same for samples in groups (`groups[i]`, any numbers), none of which is divided: the
/// division whose parts are by the smallest factors away from their shares of every class (squared
/// logarithms of samples + ½ over the share + ½) where there are at most 100,000 of them; else
/// greedy, for the best one is NP-hard: large groups are given out first, each to the part that it
/// brings closest to its shares (squared distances, in shares of the class), equal ones in an order
/// drawn from `rng`. Every part with a share above 0 gets at least one group where
/// there are enough.
std::vector<std::vector<std::uint32_t>> grouped_split(std::span<const std::int32_t> labels,
                                                      std::span<const std::int32_t> groups,
                                                      std::span<const double> shares, Rng rng);

}  // namespace thimble
