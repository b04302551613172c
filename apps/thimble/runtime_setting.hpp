#pragma once

#include <optional>

#include "settings.hpp"
#include "thimble/eval/runtime.hpp"
#include "thimble/footprint/device.hpp"

namespace thimble::cli {

/// The target of what `tflite-micro` reports here.
inline constexpr std::string_view kHostTarget = "x86-64";

/// What TensorFlow Lite Micro's memory is predicted for on this board; nothing where its core was
/// never measured. Throws ConfigError when the board names a target that does not exist.
const ArenaTarget* arena_target(const Device& device);

/// That it was not, in words.
std::string no_arena_target(const Device& device);

/// Whose memory a search's budget means, from --runtime: `auto` is `tflm` on a device that has a
/// target, else `ideal`. Throws ConfigError for `tflm` without such a device.
Runtime read_runtime(const Settings& settings, const std::optional<Device>& device);

/// In one line, for whoever starts a search.
std::string describe(const Runtime& runtime);

}  // namespace thimble::cli
