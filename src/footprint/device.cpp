#include "thimble/footprint/device.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <sstream>

#include "builtin_device_texts.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/text.hpp"

namespace thimble {
namespace {

const std::array<std::string, 9> kFields = {
    "title",           "chip",        "core",     "ram", "flash", "clock_mhz",
    "active_power_mw", "tflm_target", "tflm_code"};

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](unsigned char c) { return std::tolower(c); },
      [](unsigned char c) { return std::tolower(c); });
}

/// A parsed file that words its complaints `place:line: field = value: what would do`.
class DeviceText {
 public:
  DeviceText(std::string_view text, std::string_view place) : place_(place) {
    try {
      table_ = toml::parse(text);
    } catch (const toml::parse_error& error) {
      raise<ConfigError>("{}:{}: {}", place_, error.source().begin.line, error.description());
    }
    for (const auto& [key, value] : table_) {
      const std::string name(key.str());
      if (std::ranges::find(kFields, name) != kFields.end()) continue;
      raise<ConfigError>("{}:{}: {}: no such field{}", place_, key.source().begin.line, name,
                         did_you_mean(name, kFields));
    }
  }

  std::string text(std::string_view field) const {
    const toml::node& value = required(field);
    const auto* text = value.as_string();
    if (text == nullptr || text->get().empty()) reject(field, value, "must be a text in quotes");
    return text->get();
  }

  std::optional<std::string> optional_text(std::string_view field) const {
    if (!table_.contains(field)) return std::nullopt;
    return text(field);
  }

  std::string core() const {
    const std::string core = text("core");
    const auto known = known_cores();
    if (std::ranges::find(known, core) != known.end()) return core;
    const std::string nearest = did_you_mean(core, known);
    reject("core", required("core"),
           "is no core that thimble knows" +
               (nearest.empty() ? fmt::format("; known are {}", fmt::join(known, ", ")) : nearest));
  }

  Bytes size(std::string_view field) const {
    const toml::node& value = required(field);
    std::optional<Bytes> size;
    if (const auto* text = value.as_string()) size = parse_bytes(text->get());
    if (const auto* number = value.as_integer()) size = Bytes(number->get());
    if (!size || *size <= 0_B) reject(field, value, "must be a size above 0, such as \"128KiB\"");
    return *size;
  }

  std::optional<Bytes> optional_size(std::string_view field) const {
    if (!table_.contains(field)) return std::nullopt;
    return size(field);
  }

  std::optional<double> positive_number(std::string_view field) const {
    const toml::node* value = table_.get(field);
    if (value == nullptr) return std::nullopt;
    const std::optional<double> number = value->value<double>();
    if (!value->is_number() || !(*number > 0) || !std::isfinite(*number)) {
      reject(field, *value, "must be a number above 0");
    }
    return number;
  }

  double clock_mhz() const {
    required("clock_mhz");
    return *positive_number("clock_mhz");
  }

 private:
  const toml::node& required(std::string_view field) const {
    const toml::node* value = table_.get(field);
    if (value == nullptr) raise<ConfigError>("{}: {}: is missing", place_, field);
    return *value;
  }

  [[noreturn]] void reject(std::string_view field, const toml::node& value,
                           std::string_view what) const {
    std::ostringstream shown;
    value.visit([&](const auto& node) { shown << node; });
    raise<ConfigError>("{}:{}: {} = {}: {}", place_, value.source().begin.line, field, shown.str(),
                       what);
  }

  std::string place_;
  toml::table table_;
};

}  // namespace

std::span<const std::string> known_cores() {
  static const std::array<std::string, 13> cores = {
      "cortex-m0",  "cortex-m0+", "cortex-m3",  "cortex-m4",  "cortex-m7",
      "cortex-m23", "cortex-m33", "cortex-m55", "cortex-m85", "xtensa-lx6",
      "xtensa-lx7", "riscv32imc", "riscv32imac"};
  return cores;
}

Device parse_device(std::string_view toml, std::string name, std::string_view place) {
  const DeviceText text(toml, place);
  return {.name = std::move(name),
          .title = text.text("title"),
          .chip = text.text("chip"),
          .core = text.core(),
          .ram = text.size("ram"),
          .flash = text.size("flash"),
          .clock_mhz = text.clock_mhz(),
          .active_power_mw = text.positive_number("active_power_mw"),
          .tflm_target = text.optional_text("tflm_target"),
          .tflm_code = text.optional_size("tflm_code")};
}

std::vector<Device> load_devices(const std::filesystem::path& folder) {
  std::vector<Device> devices;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto& path = entry.path();
    if (path.extension() != ".toml") continue;
    devices.push_back(parse_device(read_text(path), path.stem().string(), path.string()));
  }
  if (error)
    raise<ConfigError>("{}: {}: must be a folder of device files", folder.string(),
                       error.message());
  std::ranges::sort(devices, {}, &Device::name);
  return devices;
}

std::vector<Device> builtin_devices() {
  std::vector<Device> devices;
  for (const auto& [name, toml] : footprint::builtin_device_texts()) {
    devices.push_back(parse_device(toml, std::string(name), fmt::format("devices/{}.toml", name)));
  }
  std::ranges::sort(devices, {}, &Device::name);
  return devices;
}

Device find_device(std::string_view name, std::span<const Device> devices) {
  if (name.ends_with(".toml")) {
    const std::filesystem::path path(name);
    return parse_device(read_text(path), path.stem().string(), name);
  }
  std::vector<std::string> names;
  for (const Device& device : devices) {
    if (same_letters(device.name, name)) return device;
    names.push_back(device.name);
  }
  const auto has_chip = [&](const Device& device) { return same_letters(device.chip, name); };
  if (const auto found = std::ranges::find_if(devices, has_chip); found != devices.end())
    return *found;
  raise<ConfigError>(
      "device = {}: no such board{}: `thimble devices` lists them; a path to a .toml file will do "
      "too",
      name, did_you_mean(name, names));
}

}  // namespace thimble
