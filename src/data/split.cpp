#include "thimble/data/split.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// Shares such as 0.1 are no binary fractions; 6000 · 0.1 must still count as the whole number 600.
constexpr double kRounding = 1e-6;

/// How many of `count` samples each part gets. `owed` is what each part has got too little of so
/// far, in samples, over all classes; brought up to date.
std::vector<std::size_t> apportion(std::size_t count, std::span<const double> shares,
                                   std::vector<double>& owed) {
  std::vector<std::size_t> sizes(shares.size());
  std::vector<bool> may_round_up(shares.size());
  std::size_t left = count;
  for (std::size_t part = 0; part < shares.size(); ++part) {
    const double quota = static_cast<double>(count) * shares[part];
    const double whole = std::floor(quota + kRounding);
    sizes[part] = std::min(static_cast<std::size_t>(whole), left);
    may_round_up[part] = quota - whole > kRounding;
    owed[part] += quota - static_cast<double>(sizes[part]);
    left -= sizes[part];
  }
  for (; left > 0; --left) {
    std::size_t neediest = shares.size();
    for (std::size_t part = 0; part < shares.size(); ++part) {
      if (may_round_up[part] && (neediest == shares.size() || owed[part] > owed[neediest])) {
        neediest = part;
      }
    }
    THIMBLE_ASSERT(neediest < shares.size());
    ++sizes[neediest];
    may_round_up[neediest] = false;
    owed[neediest] -= 1;
  }
  return sizes;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> stratified_split(std::span<const std::int32_t> labels,
                                                         std::span<const double> shares, Rng rng) {
  THIMBLE_ASSERT(std::abs(std::accumulate(shares.begin(), shares.end(), 0.0) - 1) < kRounding);
  std::map<std::int32_t, std::vector<std::uint32_t>> members;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    members[labels[i]].push_back(static_cast<std::uint32_t>(i));
  }
  std::vector<std::vector<std::uint32_t>> parts(shares.size());
  std::vector<double> owed(shares.size());
  for (auto& [label, indices] : members) {
    rng.fork(static_cast<std::uint64_t>(label)).shuffle(std::span(indices));
    auto next = indices.begin();
    const auto sizes = apportion(indices.size(), shares, owed);
    for (std::size_t part = 0; part < parts.size(); ++part) {
      const auto end = next + static_cast<std::ptrdiff_t>(sizes[part]);
      parts[part].insert(parts[part].end(), next, end);
      next = end;
    }
  }
  for (auto& part : parts) std::ranges::sort(part);
  return parts;
}

}  // namespace thimble
