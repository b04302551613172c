#include "thimble/data/split.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <optional>

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

/// A group and how many of its samples are of each class.
struct Group {
  std::vector<std::uint32_t> members;
  std::vector<double> classes;
};

/// In the order in which they are given out.
std::vector<Group> ordered_groups(std::span<const std::int32_t> labels,
                                  std::span<const std::int32_t> groups, std::size_t classes,
                                  Rng& rng) {
  std::map<std::int32_t, Group> by_number;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    Group& group = by_number[groups[i]];
    group.classes.resize(classes);
    group.members.push_back(static_cast<std::uint32_t>(i));
    group.classes[static_cast<std::size_t>(labels[i])] += 1;
  }
  std::vector<Group> order;
  for (auto& [number, group] : by_number) order.push_back(std::move(group));
  rng.shuffle(std::span(order));
  std::ranges::stable_sort(order, std::greater(),
                           [](const Group& group) { return group.members.size(); });
  return order;
}

/// What the parts hold while groups are given out.
struct Holdings {
  std::span<const double> shares;
  std::vector<double> totals;             // [class]
  std::vector<std::vector<double>> held;  // [part][class]

  /// How far a part is from its share of each class, in shares of the class, squared and summed.
  double distance(std::size_t part) const {
    double sum = 0;
    for (std::size_t c = 0; c < totals.size(); ++c) {
      if (totals[c] == 0) continue;
      const double away = held[part][c] / totals[c] - shares[part];
      sum += away * away;
    }
    return sum;
  }

  /// By what factor a part is away from its share of each class: squared logarithms, summed.
  double factor(std::size_t part) const {
    constexpr double kOfNone = 0.5;  // samples, so that none is no infinite factor
    double sum = 0;
    for (std::size_t c = 0; c < totals.size(); ++c) {
      const double wanted = totals[c] * shares[part];
      const double away = std::log((held[part][c] + kOfNone) / (wanted + kOfNone));
      sum += away * away;
    }
    return sum;
  }

  void give(const Group& group, std::size_t part, double sign) {
    for (std::size_t c = 0; c < totals.size(); ++c) held[part][c] += sign * group.classes[c];
  }
};

/// The part of each group: each goes to the one that it brings closest to its share.
std::vector<std::size_t> greedy_parts(const std::vector<Group>& order, Holdings holdings) {
  std::vector<std::size_t> part_of;
  std::vector<bool> starving;
  for (const double share : holdings.shares) starving.push_back(share > 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto empty = static_cast<std::size_t>(std::ranges::count(starving, true));
    const bool only_starving = order.size() - i <= empty;
    std::size_t best = starving.size();
    double least = 0;
    for (std::size_t part = 0; part < starving.size(); ++part) {
      if (holdings.shares[part] <= 0 || (only_starving && !starving[part])) continue;
      const double before = holdings.distance(part);
      holdings.give(order[i], part, 1);
      const double change = holdings.distance(part) - before;
      holdings.give(order[i], part, -1);
      if (best == starving.size() || change < least) {
        best = part;
        least = change;
      }
    }
    THIMBLE_ASSERT(best < starving.size());
    holdings.give(order[i], best, 1);
    starving[best] = false;
    part_of.push_back(best);
  }
  return part_of;
}

/// The same by trying all ways, of which there are `ways`. A part that hardly has a class is what
/// has to be avoided when groups are few, so counts are held against shares as ratios.
std::vector<std::size_t> best_parts(const std::vector<Group>& order, Holdings holdings,
                                    std::size_t ways) {
  const std::size_t parts = holdings.shares.size();
  std::vector<std::size_t> part_of(order.size());
  std::vector<std::size_t> best;
  double least = 0;
  for (std::size_t way = 0; way < ways; ++way) {
    for (auto& held : holdings.held) std::ranges::fill(held, 0.0);
    std::vector<bool> used(parts);
    for (std::size_t i = 0, digits = way; i < order.size(); ++i, digits /= parts) {
      part_of[i] = digits % parts;
      used[part_of[i]] = true;
      holdings.give(order[i], part_of[i], 1);
    }
    double factor = 0;
    bool allowed = true;
    for (std::size_t part = 0; part < parts; ++part) {
      allowed = allowed && used[part] == (holdings.shares[part] > 0);
      factor += holdings.factor(part);
    }
    if (allowed && (best.empty() || factor < least)) {
      best = part_of;
      least = factor;
    }
  }
  return best;
}

/// In how many ways groups can be given to parts; nothing when they are too many to try.
std::optional<std::size_t> number_of_ways(std::size_t groups, std::size_t parts) {
  constexpr std::size_t kMostWays = 100'000;
  std::size_t ways = 1;
  for (std::size_t i = 0; i < groups; ++i) {
    ways *= parts;
    if (ways > kMostWays) return std::nullopt;
  }
  return ways;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> grouped_split(std::span<const std::int32_t> labels,
                                                      std::span<const std::int32_t> groups,
                                                      std::span<const double> shares, Rng rng) {
  THIMBLE_ASSERT(labels.size() == groups.size());
  const std::size_t classes =
      labels.empty() ? 0 : static_cast<std::size_t>(std::ranges::max(labels)) + 1;
  const auto order = ordered_groups(labels, groups, classes, rng);
  Holdings holdings{.shares = shares,
                    .totals = std::vector<double>(classes),
                    .held = {shares.size(), std::vector<double>(classes)}};
  for (const std::int32_t label : labels) holdings.totals[static_cast<std::size_t>(label)] += 1;
  const auto wanted = static_cast<std::size_t>(
      std::ranges::count_if(shares, [](double share) { return share > 0; }));
  std::vector<std::size_t> part_of;
  const auto ways = number_of_ways(order.size(), shares.size());
  if (ways && order.size() >= wanted) {
    part_of = best_parts(order, std::move(holdings), *ways);
  } else {
    part_of = greedy_parts(order, std::move(holdings));
  }
  std::vector<std::vector<std::uint32_t>> parts(shares.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    auto& part = parts[part_of[i]];
    part.insert(part.end(), order[i].members.begin(), order[i].members.end());
  }
  for (auto& part : parts) std::ranges::sort(part);
  return parts;
}

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
