#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/features/features.hpp"
#include "thimble/samples/augmentation_choice.hpp"

namespace thimble::cli {

/// What `auto` is of --augment or --final-augment: `full` for clips of sound that are
/// trained on for long, where it is worth two points (docs/tasks.md); else `none` for a network
/// trained alone and for the candidates of a search, `mirror` for its finalists.
std::string automatic_augmentation(const Settings& settings, std::string_view option,
                                   DataKind kind);

/// --augment or --final-augment, which must not be `auto` any more. Throws ConfigError for what is
/// no such list.
AugmentationChoice read_augmentation(const Settings& settings, std::string_view option);

/// Throws ConfigError when --augment or --final-augment, where the command has them, name a
/// variation that this kind of data has none of.
void check_augmentation(const Settings& settings, const Dataset& dataset, DataKind kind);

/// The versions of clips that both take.
features::VersionOptions read_versions(const Settings& settings, const Dataset& dataset);

}  // namespace thimble::cli
