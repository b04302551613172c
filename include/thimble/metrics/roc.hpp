#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace thimble {

/// The area under the receiver operating characteristic: the probability that a positive sample
/// (1 of 0 and 1) has a higher score than another, equal scores counting half (Mann & Whitney
/// 1947). Exact but for one division. Nothing unless both kinds are there. Scores are no NaN.
/// O(n log n).
std::optional<double> roc_auc(std::span<const double> scores,
                              std::span<const std::uint8_t> positive);

/// The area up to the false-positive rate p in (0, 1], straight lines between the points of the
/// curve, standardised so that chance is 0.5 and the best is 1: with area A in [p² / 2, p],
///
///     (1 + (A − p² / 2) / (p − p² / 2)) / 2                                    [McClish 1989]
///
/// scikit-learn's `roc_auc_score(max_fpr=p)`. A curve below chance gets less than 0.5.
std::optional<double> partial_roc_auc(std::span<const double> scores,
                                      std::span<const std::uint8_t> positive, double p);

}  // namespace thimble
