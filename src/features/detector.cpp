#include "thimble/features/detector.hpp"

#include <algorithm>

#include "thimble/core/error.hpp"

namespace thimble::features {
namespace {

/// Times are whole hops over a rate: differences of less are rounding.
constexpr double kRounding = 1e-9;

}  // namespace

Detector::Detector(const DetectorOptions& options, std::vector<bool> background)
    : options_(options), background_(std::move(background)) {
  THIMBLE_ASSERT(!background_.empty());
}

std::optional<Detection> Detector::push(double at, std::span<const float> probabilities) {
  THIMBLE_ASSERT(probabilities.size() == background_.size());
  THIMBLE_ASSERT(answers_.empty() || answers_.back().at <= at);
  answers_.push_back({.at = at, .probabilities = {probabilities.begin(), probabilities.end()}});
  while (answers_.size() > 1 && answers_.front().at <= at - options_.smooth_s + kRounding) {
    answers_.pop_front();
  }
  std::vector<double> averages(background_.size());
  for (const Answer& answer : answers_) {
    for (std::size_t i = 0; i < averages.size(); ++i) {
      averages[i] += static_cast<double>(answer.probabilities[i]);
    }
  }
  const auto best = static_cast<std::size_t>(std::ranges::max_element(averages) - averages.begin());
  const double score = averages[best] / static_cast<double>(answers_.size());
  if (background_[best] || score < options_.threshold) return std::nullopt;
  if (last_ && at - *last_ < options_.suppress_s - kRounding) return std::nullopt;
  last_ = at;
  return Detection{.at = at, .label = static_cast<int>(best), .score = score};
}

}  // namespace thimble::features
