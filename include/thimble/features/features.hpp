#pragma once

#include "thimble/data/dataset.hpp"
#include "thimble/frontend/settings.hpp"

namespace thimble::features {

/// The set with its clips of sound replaced by what the device's front end makes of them
/// (`frontend::FixedFrontend`), int8 of shape [frames, width, 1]. The normalisation is measured on
/// the training split, its mean rounded to a whole number: an int8 input of scale 1 / stddev and
/// zero point mean is the front end's output, q for q. Clips are shared among `workers` threads;
/// their number changes nothing but the time it takes. Throws DataError for a set without sound in
/// 16 bits and for clips of another length than the settings', ConfigError as `check` does.
Dataset with_features(Dataset dataset, const frontend::Settings& settings, int workers = 1);

}  // namespace thimble::features
