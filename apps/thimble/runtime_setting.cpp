#include "runtime_setting.hpp"

#include <fmt/ranges.h>

#include <algorithm>

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
  const std::vector<std::string> names{"auto", "ideal", "tflm"};
  if (std::ranges::find(names, name) == names.end()) {
    settings.reject("runtime", "must be auto, ideal or tflm" + did_you_mean(name, names));
  }
  const bool known = device && arena_target(*device) != nullptr;
  if (name == "ideal" || (name == "auto" && !known)) return {};
  if (!device) settings.reject("runtime", "needs a --device: " + devices_with_target());
  const ArenaTarget* target = arena_target(*device);
  if (target == nullptr) {
    settings.reject("runtime", no_arena_target(*device) + ": " + devices_with_target());
  }
  return {.tflm = target, .code = device->tflm_code.value_or(0_B)};
}

std::string describe(const Runtime& runtime) {
  if (runtime.tflm == nullptr) {
    return "budget: RAM is the live tensors, flash the .tflite file (--runtime ideal)";
  }
  const std::string code =
      runtime.code == 0_B
          ? "the .tflite file, for the runtime's code is not known"
          : fmt::format("the .tflite file and {} of code", thimble::format(runtime.code));
  return fmt::format(
      "budget: RAM is TensorFlow Lite Micro's arena on {}, flash {} (--runtime tflm)",
      runtime.tflm->name, code);
}

}  // namespace thimble::cli
