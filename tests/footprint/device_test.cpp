#include "thimble/footprint/device.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using testing::HasSubstr;

constexpr const char* kBoard = R"(title = "My board"
chip = "XY12"
core = "cortex-m4"
ram = "20KiB"
flash = 65536
clock_mhz = 48.5
)";

/// The text of the error that reading the device gives; empty when it gives none.
std::string complaint(std::string_view toml) {
  try {
    parse_device(toml, "board", "board.toml");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(Device, IsReadFromToml) {
  EXPECT_EQ(parse_device(kBoard, "mine", "board.toml"), (Device{.name = "mine",
                                                                .title = "My board",
                                                                .chip = "XY12",
                                                                .core = "cortex-m4",
                                                                .ram = 20_KiB,
                                                                .flash = 64_KiB,
                                                                .clock_mhz = 48.5,
                                                                .active_power_mw = std::nullopt,
                                                                .tflm_target = std::nullopt,
                                                                .tflm_code = std::nullopt}));
  EXPECT_EQ(
      parse_device(std::string(kBoard) + "active_power_mw = 12\n", "mine", "").active_power_mw, 12);
  const Device with_runtime = parse_device(
      std::string(kBoard) + "tflm_target = \"cortex-m4\"\ntflm_code = \"99.8KB\"\n", "mine", "");
  EXPECT_EQ(with_runtime.tflm_target, "cortex-m4");
  EXPECT_EQ(with_runtime.tflm_code, 99'800_B);
}

TEST(Device, ComplaintNamesFileLineAndField) {
  EXPECT_EQ(complaint(replaced(kBoard, "\"20KiB\"", "\"20 bananas\"")),
            "board.toml:4: ram = '20 bananas': must be a size above 0, such as \"128KiB\"");
  EXPECT_THAT(complaint(replaced(kBoard, "65536", "0")),
              HasSubstr("board.toml:5: flash = 0: must be"));
  EXPECT_THAT(complaint(replaced(kBoard, "65536", "-1")),
              HasSubstr("board.toml:5: flash = -1: must be"));
  EXPECT_THAT(complaint(replaced(kBoard, "48.5", "\"fast\"")),
              HasSubstr("board.toml:6: clock_mhz ="));
  EXPECT_THAT(complaint(replaced(kBoard, "48.5", "nan")),
              HasSubstr("board.toml:6: clock_mhz = nan"));
  EXPECT_THAT(complaint(replaced(kBoard, "48.5", "true")),
              HasSubstr("board.toml:6: clock_mhz = true"));
  EXPECT_THAT(complaint(replaced(kBoard, "\"My board\"", "7")),
              HasSubstr("board.toml:1: title = 7"));
  EXPECT_EQ(complaint(replaced(kBoard, "ram = \"20KiB\"\n", "")), "board.toml: ram: is missing");
  EXPECT_THAT(complaint(replaced(kBoard, "clock_mhz", "clock_mzh")),
              HasSubstr("board.toml:6: clock_mzh: no such field (did you mean \"clock_mhz\"?)"));
  EXPECT_THAT(complaint(replaced(kBoard, "cortex-m4", "cortex m4")),
              HasSubstr("did you mean \"cortex-m4\"?"));
  EXPECT_THAT(complaint("title = \"half"), HasSubstr("board.toml:1: "));
  EXPECT_EQ(complaint(kBoard), "");
}

TEST(Devices, BuiltInAreThoseOfTheFolder) {
  const std::vector<Device> built_in = builtin_devices();
  EXPECT_EQ(built_in, load_devices(std::filesystem::path(THIMBLE_SOURCE_DIR) / "devices"));
  std::vector<std::string> names;
  for (const Device& device : built_in) names.push_back(device.name);
  EXPECT_THAT(names,
              testing::ElementsAre("esp32-s3", "nrf52840-dk", "nucleo-f446re", "nucleo-f746zg",
                                   "nucleo-f767zi", "nucleo-l4r5zi", "raspberry-pi-pico"));
}

// MicroNets (Banbury et al. 2021), table 1.
TEST(Devices, HaveTheMemoryThatThePaperGives) {
  const std::vector<Device> devices = builtin_devices();
  EXPECT_EQ(find_device("nucleo-f446re", devices).ram, 128_KiB);
  EXPECT_EQ(find_device("nucleo-f446re", devices).flash, 512_KiB);
  EXPECT_EQ(find_device("nucleo-f746zg", devices).ram, 320_KiB);
  EXPECT_EQ(find_device("nucleo-f746zg", devices).flash, 1_MiB);
  EXPECT_EQ(find_device("nucleo-f767zi", devices).ram, 512_KiB);
  EXPECT_EQ(find_device("nucleo-f767zi", devices).flash, 2_MiB);
}

// The cores on which TensorFlow Lite Micro was measured, and its code on the M4 alone.
TEST(Devices, SayWhatIsKnownOfTheRuntimeOnThem) {
  for (const Device& device : builtin_devices()) {
    const bool measured = device.core == "cortex-m4" || device.core == "cortex-m7";
    EXPECT_EQ(device.tflm_target, measured ? std::optional(device.core) : std::nullopt);
    EXPECT_EQ(device.tflm_code.has_value(), device.core == "cortex-m4") << device.name;
  }
}

TEST(Devices, AreFoundByNameByChipOrByFile) {
  const std::vector<Device> devices = builtin_devices();
  EXPECT_EQ(find_device("NUCLEO-F446RE", devices).name, "nucleo-f446re");
  EXPECT_EQ(find_device("rp2040", devices).name, "raspberry-pi-pico");
  EXPECT_EQ(find_device("nRF52840", devices).name, "nrf52840-dk");
  EXPECT_THAT([&] { find_device("nucleo-f446er", devices); },
              testing::ThrowsMessage<ConfigError>(HasSubstr("did you mean \"nucleo-f446re\"?")));
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "own-board.toml";
  std::ofstream(path) << kBoard;
  EXPECT_EQ(find_device(path.string(), devices).name, "own-board");
  EXPECT_EQ(find_device(path.string(), devices).ram, 20_KiB);
  std::filesystem::remove(path);
  EXPECT_THROW(find_device(path.string(), devices), DataError);
}

TEST(Devices, ComplainsOfAFolderThatIsNone) {
  EXPECT_THROW(load_devices("/no/such/folder"), ConfigError);
}

}  // namespace
}  // namespace thimble
