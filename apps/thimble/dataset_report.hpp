#pragma once

#include <string>

#include "thimble/core/json.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble::cli {

/// What a set holds: kind, shape, classes and splits with their counts, what is broken, and which
/// samples are in two splits.
OrderedJson dataset_to_json(const Dataset& dataset, const Duplicates& duplicates);
std::string dataset_to_text(const Dataset& dataset, const Duplicates& duplicates);

}  // namespace thimble::cli
