#pragma once

#include <span>
#include <vector>

#include "thimble/search/trial.hpp"

namespace thimble {

/// The evaluated trials that no other beats: one that is nowhere worse in error, RAM, flash and
/// MACs, and somewhere better. By error, then RAM, flash, MACs; of trials equal in all four the
/// earliest stands for all. O(n²).
std::vector<Trial> pareto_front(std::span<const Trial> trials);

}  // namespace thimble
