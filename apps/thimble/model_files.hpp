#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "feature_settings.hpp"
#include "thimble/eval/retraining.hpp"

namespace thimble::cli {

/// What belongs to a network besides its `.tflite`: labels.txt, the names of its classes, one a
/// line; and, of one for sound, features.json (the settings of its front end) and
/// model_frontend.h/.c (the same as tables for the device).
std::vector<CompanionFile> companions(const NetworkData& data);

/// The file of --out. Its folder is there and can be written to, as far as can be known before
/// there is anything to lose. Throws ConfigError.
std::filesystem::path read_out_file(const Settings& settings);

/// Copies those that lie in `from`.
void copy_companions(const std::filesystem::path& from, const std::filesystem::path& to);

/// The front end of a model: that of --features (a preset's name or a file), else features.json
/// beside it. Throws ConfigError when there is neither.
frontend::Settings read_front_end(const Settings& settings, const std::filesystem::path& model);

/// The names of a model's classes: those of --names, else labels.txt beside it, else numbers.
/// Throws DataError for a file with another count of names.
std::vector<std::string> read_class_names(const Settings& settings,
                                          const std::filesystem::path& model, std::size_t classes);

}  // namespace thimble::cli
