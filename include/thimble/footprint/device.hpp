#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thimble/core/units.hpp"

namespace thimble {

/// A board as a budget sees it. One TOML file describes one board; its stem is the board's name.
struct Device {
  std::string name;   // "nucleo-f446re"
  std::string title;  // "ST NUCLEO-F446RE"
  std::string chip;   // "STM32F446RE"
  std::string core;   // "cortex-m4"; one of `known_cores()`
  Bytes ram;          // all SRAM that a program can use for data
  Bytes flash;        // all flash, on the chip or, where the chip has none, on the board
  double clock_mhz = 0;
  /// Board power while it infers; absent where no source says it.
  std::optional<double> active_power_mw;
  /// What to predict TensorFlow Lite Micro's memory for, by the name of an arena target
  /// ("cortex-m4"); absent where none has been measured for this core.
  std::optional<std::string> tflm_target;
  /// Flash that TensorFlow Lite Micro's code takes; absent where nobody has measured it.
  std::optional<Bytes> tflm_code;

  bool operator==(const Device&) const = default;
};

/// The processor cores that a device may name.
std::span<const std::string> known_cores();

/// Reads one device. `place` names the text in errors; throws ConfigError naming place, line and
/// field when a field is absent, unknown, of the wrong kind or out of range.
Device parse_device(std::string_view toml, std::string name, std::string_view place);

/// The devices of the folder's `.toml` files, by name. Throws ConfigError for what is wrong in a
/// file and when the folder cannot be read.
std::vector<Device> load_devices(const std::filesystem::path& folder);

/// The devices of the project's `devices/` folder, by name: part of the program, so it may run
/// anywhere.
std::vector<Device> builtin_devices();

/// The device of that name, or the first with that chip (case does not matter), or, when `name`
/// ends in `.toml`, the one that this file describes. Throws ConfigError with the nearest name when
/// there is none, and DataError when the file cannot be read.
Device find_device(std::string_view name, std::span<const Device> devices);

}  // namespace thimble
