#pragma once

#include "settings.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble::cli {

/// The settings of the group Data, and the seed.
DatasetOptions read_dataset_options(const Settings& settings);

/// Loads `name_or_path` by them, through the cache. Progress and warnings go to stderr, unless
/// --quiet.
Dataset read_dataset(const std::string& name_or_path, const Settings& settings);

/// The same; what had to be left out is said on stderr, too.
Dataset load_dataset_of(const std::string& name_or_path, const Settings& settings);

}  // namespace thimble::cli
