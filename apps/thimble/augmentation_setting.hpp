#pragma once

#include <string_view>
#include <vector>

#include "settings.hpp"
#include "thimble/data/augmentation_choice.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/features/features.hpp"

namespace thimble::cli {

/// --augment or --final-augment. Throws ConfigError for what is no such list.
AugmentationChoice read_augmentation(const Settings& settings, std::string_view option);

/// Throws ConfigError when --augment or --final-augment, where the command has them, name a
/// variation that this kind of data has none of.
void check_augmentation(const Settings& settings, const Dataset& dataset, DataKind kind);

/// The versions of clips that both take.
features::VersionOptions read_versions(const Settings& settings, const Dataset& dataset);

}  // namespace thimble::cli
