#include "thimble/metrics/confusion.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// Mean over the classes for which `value` has one.
template <class Value>
double mean_over_classes(const ConfusionMatrix& matrix, Value value) {
  double sum = 0;
  int counted = 0;
  for (int c = 0; c < matrix.classes; ++c) {
    if (const std::optional<double> one = value(c)) {
      sum += *one;
      ++counted;
    }
  }
  return counted == 0 ? 0 : sum / counted;
}

}  // namespace

std::int64_t ConfusionMatrix::at(int label, int predicted) const {
  return counts[static_cast<std::size_t>(label) * static_cast<std::size_t>(classes) +
                static_cast<std::size_t>(predicted)];
}

std::int64_t ConfusionMatrix::labelled(int label) const {
  std::int64_t sum = 0;
  for (int p = 0; p < classes; ++p) sum += at(label, p);
  return sum;
}

std::int64_t ConfusionMatrix::taken_for(int predicted) const {
  std::int64_t sum = 0;
  for (int l = 0; l < classes; ++l) sum += at(l, predicted);
  return sum;
}

ConfusionMatrix confusion_matrix(std::span<const std::int32_t> labels,
                                 std::span<const std::int32_t> predicted, int classes) {
  THIMBLE_ASSERT(labels.size() == predicted.size());
  const auto side = static_cast<std::size_t>(classes);
  ConfusionMatrix matrix{.classes = classes, .counts = std::vector<std::int64_t>(side * side)};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = static_cast<std::size_t>(labels[i]);
    const auto column = static_cast<std::size_t>(predicted[i]);
    THIMBLE_ASSERT(row < side && column < side);
    ++matrix.counts[row * side + column];
  }
  return matrix;
}

double accuracy(const ConfusionMatrix& matrix) {
  std::int64_t right = 0;
  std::int64_t all = 0;
  for (int c = 0; c < matrix.classes; ++c) {
    right += matrix.at(c, c);
    all += matrix.labelled(c);
  }
  return all == 0 ? 0 : share(right, all);
}

double balanced_accuracy(const ConfusionMatrix& matrix) {
  return mean_over_classes(matrix, [&](int c) -> std::optional<double> {
    const std::int64_t samples = matrix.labelled(c);
    if (samples == 0) return std::nullopt;
    return share(matrix.at(c, c), samples);
  });
}

double macro_f1(const ConfusionMatrix& matrix) {
  return mean_over_classes(matrix, [&](int c) -> std::optional<double> {
    // 2 TP + FP + FN: the column and the row, the diagonal in both.
    const std::int64_t both = matrix.labelled(c) + matrix.taken_for(c);
    if (both == 0) return std::nullopt;
    return share(2 * matrix.at(c, c), both);
  });
}

std::vector<Confusion> most_confused(const ConfusionMatrix& matrix, std::size_t most) {
  std::vector<Confusion> pairs;
  for (int label = 0; label < matrix.classes; ++label) {
    for (int predicted = 0; predicted < matrix.classes; ++predicted) {
      const std::int64_t count = matrix.at(label, predicted);
      if (label != predicted && count > 0) pairs.push_back({label, predicted, count});
    }
  }
  std::ranges::stable_sort(pairs, std::greater{}, &Confusion::count);
  if (pairs.size() > most) pairs.resize(most);
  return pairs;
}

}  // namespace thimble
