#pragma once

#include "settings.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble::cli {

/// The settings of the group Data, and the seed.
DatasetOptions read_dataset_options(const Settings& settings);

}  // namespace thimble::cli
