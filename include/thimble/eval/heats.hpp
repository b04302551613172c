#pragma once

#include <optional>
#include <span>
#include <vector>

#include "thimble/eval/retraining.hpp"
#include "thimble/study/study.hpp"

namespace thimble {

/// Chooses the finalists: the `entrants` best networks of a front (as `pareto_front`
/// orders it) train anew with the recipe of `with`, longer than a candidate and shorter than a
/// finalist, and the `winners` with the best int8 validation score go on, the best first. A
/// candidate's few epochs favour networks that learn fast; this is a last rung of successive
/// halving (Jamieson & Talwalkar 2016) that tells them from good ones.
///
/// Without more entrants than winners nothing is trained and the first `winners` of the front are
/// the answer. What the study holds of earlier heats is not trained again; a network that fails is
/// out. Nothing when the observer stopped it: the study keeps what was done.
std::optional<std::vector<Trial>> choose_finalists(Study& study, std::span<const Trial> front,
                                                   int entrants, int winners,
                                                   const Retraining& with,
                                                   const RetrainingObserver& observer);

}  // namespace thimble
