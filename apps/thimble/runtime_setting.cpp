#include "runtime_setting.hpp"

#include <fmt/ranges.h>

#include "thimble/core/text.hpp"

namespace thimble::cli {
namespace {

std::string devices_with_target() {
  std::vector<std::string> names;
  for (const Device& device : builtin_devices()) {
    if (device.tflm_target) names.push_back(device.name);
  }
  return fmt::format("known on {}, and on a .toml file's board that has tflm_target",
                     fmt::join(names, ", "));
}

}  // namespace

const ArenaTarget* arena_target(const Device& device) {
  return device.tflm_target ? &find_arena_target(*device.tflm_target) : nullptr;
}

std::string no_arena_target(const Device& device) {
  return fmt::format("TensorFlow Lite Micro has not been measured on {} ({})", device.name,
                     device.core);
}

Runtime read_runtime(const Settings& settings, const std::optional<Device>& device) {
  const std::string& name = settings.text("runtime");
  if (name == "ideal") return {};
  if (name != "tflm") {
    const std::vector<std::string> names{"ideal", "tflm"};
    settings.reject("runtime", "must be ideal or tflm" + did_you_mean(name, names));
  }
  if (!device) settings.reject("runtime", "needs a --device: " + devices_with_target());
  const ArenaTarget* target = arena_target(*device);
  if (target == nullptr) {
    settings.reject("runtime", no_arena_target(*device) + ": " + devices_with_target());
  }
  return {.tflm = target, .code = device->tflm_code.value_or(0_B)};
}

}  // namespace thimble::cli
