#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace thimble::footprint {

/// Name and text of each file of the project's `devices/` folder, as it was at build time
/// (cmake/embed_devices.cmake).
std::span<const std::pair<std::string_view, std::string_view>> builtin_device_texts();

}  // namespace thimble::footprint
