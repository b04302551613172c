#pragma once

#include <filesystem>

#include "thimble/data/cache.hpp"

namespace thimble {

// What lies in the folder of the cache: KEY.samples (sample_file.hpp), beside it KEY.….norm
// (normalisations of its training splits), and KEY.samples.part while it is written.
inline constexpr const char* kSampleFileEnding = ".samples";
inline constexpr const char* kNormalisationEnding = ".norm";

/// Removes what writers who were killed have left.
void remove_dead_drafts(const std::filesystem::path& folder);

/// Removes those of a sample file.
void remove_normalisations(const std::filesystem::path& sample_file);

}  // namespace thimble
