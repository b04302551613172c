#include "thimble/data/split.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
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

/// How far a part is from what it should have of each class, in shares of the class, squared and
/// summed, before and after it gets `group`: below 0 where the group brings it closer.
double change_of_distance(const Group& group, std::span<const double> held,
                          std::span<const double> totals, double share) {
  double change = 0;
  for (std::size_t c = 0; c < totals.size(); ++c) {
    if (totals[c] == 0) continue;
    const double before = held[c] / totals[c] - share;
    const double after = (held[c] + group.classes[c]) / totals[c] - share;
    change += after * after - before * before;
  }
  return change;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> grouped_split(std::span<const std::int32_t> labels,
                                                      std::span<const std::int32_t> groups,
                                                      std::span<const double> shares, Rng rng) {
  THIMBLE_ASSERT(labels.size() == groups.size());
  const std::size_t classes =
      labels.empty() ? 0 : static_cast<std::size_t>(std::ranges::max(labels)) + 1;
  const auto order = ordered_groups(labels, groups, classes, rng);
  std::vector<double> totals(classes);
  for (const std::int32_t label : labels) totals[static_cast<std::size_t>(label)] += 1;
  std::vector<std::vector<std::uint32_t>> parts(shares.size());
  std::vector<std::vector<double>> held(shares.size(), std::vector<double>(classes));
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::size_t starving = 0;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      starving += shares[part] > 0 && parts[part].empty();
    }
    const bool only_starving = order.size() - i <= starving;
    std::size_t best = parts.size();
    double least = 0;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      if (shares[part] <= 0 || (only_starving && !parts[part].empty())) continue;
      const double change = change_of_distance(order[i], held[part], totals, shares[part]);
      if (best == parts.size() || change < least) {
        best = part;
        least = change;
      }
    }
    THIMBLE_ASSERT(best < parts.size());
    parts[best].insert(parts[best].end(), order[i].members.begin(), order[i].members.end());
    for (std::size_t c = 0; c < classes; ++c) held[best][c] += order[i].classes[c];
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
