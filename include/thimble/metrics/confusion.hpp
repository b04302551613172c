#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace thimble {

/// How many samples of each class were taken for which.
struct ConfusionMatrix {
  int classes = 0;
  std::vector<std::int64_t> counts;  // [classes, classes]: a row a true class, a column an answer

  std::int64_t at(int label, int predicted) const;
  /// Samples of a class.
  std::int64_t labelled(int label) const;
  /// Samples that were taken for it.
  std::int64_t taken_for(int predicted) const;

  bool operator==(const ConfusionMatrix&) const = default;
};

/// Both [N], each in [0, classes).
ConfusionMatrix confusion_matrix(std::span<const std::int32_t> labels,
                                 std::span<const std::int32_t> predicted, int classes);

/// The share of samples on the diagonal, in [0, 1]; 0 of no samples.
double accuracy(const ConfusionMatrix& matrix);

/// The mean over the classes that have samples of the share of them that is right (recall), in
/// [0, 1]; what classes without samples are taken for does not count. 0 of no samples.
/// scikit-learn's `balanced_accuracy_score`.
double balanced_accuracy(const ConfusionMatrix& matrix);

/// The mean of F1 = 2 TP / (2 TP + FP + FN) over the classes that have samples or were answered, in
/// [0, 1]: a class that is answered and has no samples counts with 0, one that is neither does not
/// count. 0 of no samples. scikit-learn's `f1_score(average="macro")`.
double macro_f1(const ConfusionMatrix& matrix);

/// Samples of one class that were taken for another.
struct Confusion {
  int label = 0;
  int predicted = 0;
  std::int64_t count = 0;

  bool operator==(const Confusion&) const = default;
};

/// The pairs of different classes with the largest counts above 0, largest first; of equal ones the
/// one that comes first in the matrix.
std::vector<Confusion> most_confused(const ConfusionMatrix& matrix, std::size_t most);

}  // namespace thimble
