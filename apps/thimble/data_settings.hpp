#pragma once

#include "settings.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble::cli {

/// The settings of the group Data, and the seed.
DatasetOptions read_dataset_options(const Settings& settings);

/// Loads `name_or_path` through the cache. Progress and warnings go to stderr, unless --quiet.
Dataset read_dataset(const std::string& name_or_path, DatasetOptions options,
                     const Settings& settings);

}  // namespace thimble::cli
