#include "thimble/metrics/roc.hpp"

#include <algorithm>
#include <vector>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// Samples that a threshold takes for positive, by what they are.
struct Point {
  std::int64_t false_positives = 0;
  std::int64_t true_positives = 0;
};

/// From nothing to everything, a point for each score: samples of equal scores pass together, which
/// makes a slope of them, and half of each pair.
std::vector<Point> curve(std::span<const double> scores, std::span<const std::uint8_t> positive) {
  THIMBLE_ASSERT(scores.size() == positive.size());
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  std::vector<Point> points(1);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || scores[order[i]] != scores[order[i - 1]]) points.push_back(points.back());
    Point& last = points.back();
    ++(positive[order[i]] != 0 ? last.true_positives : last.false_positives);
  }
  return points;
}

bool has_both_kinds(const Point& everything) {
  return everything.false_positives > 0 && everything.true_positives > 0;
}

}  // namespace

std::optional<double> roc_auc(std::span<const double> scores,
                              std::span<const std::uint8_t> positive) {
  const std::vector<Point> points = curve(scores, positive);
  const Point all = points.back();
  if (!has_both_kinds(all)) return std::nullopt;
  std::int64_t twice_area = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    twice_area += (points[i].false_positives - points[i - 1].false_positives) *
                  (points[i].true_positives + points[i - 1].true_positives);
  }
  return static_cast<double>(twice_area) /
         (2.0 * static_cast<double>(all.false_positives) * static_cast<double>(all.true_positives));
}

std::optional<double> partial_roc_auc(std::span<const double> scores,
                                      std::span<const std::uint8_t> positive, double p) {
  THIMBLE_ASSERT(p > 0 && p <= 1);
  const std::vector<Point> points = curve(scores, positive);
  const Point all = points.back();
  if (!has_both_kinds(all)) return std::nullopt;
  const double end = p * static_cast<double>(all.false_positives);
  double twice_area = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto from = static_cast<double>(points[i - 1].false_positives);
    const auto to = static_cast<double>(points[i].false_positives);
    if (from >= end) break;
    if (to == from) continue;
    const auto low = static_cast<double>(points[i - 1].true_positives);
    const auto rise = static_cast<double>(points[i].true_positives) - low;
    const double width = std::min(to, end) - from;
    twice_area += width * (2 * low + rise * width / (to - from));
  }
  const double area = twice_area / (2.0 * static_cast<double>(all.false_positives) *
                                    static_cast<double>(all.true_positives));
  const double chance = p * p / 2;
  return (1 + (area - chance) / (p - chance)) / 2;
}

}  // namespace thimble
