#include "thimble/frontend/c_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "signals.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/frontend/cost.hpp"
#include "thimble/frontend/fixed_frontend.hpp"
#include "thimble/frontend/presets.hpp"

namespace thimble::frontend {
namespace {

using ::testing::HasSubstr;

const std::string kRuntime = THIMBLE_SOURCE_DIR "/runtime";
const std::string kSources = kRuntime + "/thb_fft.c " + kRuntime + "/thb_fixed.c " + kRuntime +
                             "/thb_frontend.c " + kRuntime + "/thb_frontend_frame.c";
// As strict as C compilers are, and without a C library.
const std::string kStrict =
    " -std=c99 -pedantic -Wall -Wextra -Wconversion -Wno-sign-conversion -Werror ";

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "thimble-tables-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) raise<DataError>("{}: cannot be made", name);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

bool runs(const std::string& command) { return std::system(command.c_str()) == 0; }

void write_tables(const Folder& folder, const Settings& settings) {
  // As the runtime's own header is named, but for its prefix: they must not shut each other out.
  const CTables tables = c_tables(settings, "frontend");
  write_file(folder / "frontend.h", tables.header);
  write_file(folder / "frontend.c", tables.source);
}

// Samples from standard input in pieces of 100, features of every clip to standard output.
constexpr const char* kProgram = R"(#include "frontend.h"
static uint32_t get(void *to, uint32_t bytes);
static void put(const void *from, uint32_t bytes);
static int16_t state[FRONTEND_STATE_BYTES / 2u + 1u];
static int32_t scratch[FRONTEND_SCRATCH_BYTES / 4u + 1u];
static int8_t features[FRONTEND_FRAMES * FRONTEND_WIDTH];
static void run(void) {
  thb_frontend f;
  int16_t piece[100];
  uint32_t count;
  if (thb_frontend_init(&f, &frontend, state, FRONTEND_STATE_BYTES, scratch, FRONTEND_SCRATCH_BYTES) != THB_OK) return;
  while ((count = get(piece, sizeof piece) / 2) > 0) {
    uint32_t at = 0;
    while (at < count) {
      at += thb_frontend_push(&f, piece + at, count - at);
      if (!thb_frontend_ready(&f)) continue;
      if (thb_frontend_read(&f, features) != THB_OK) return;
      put(features, sizeof features);
    }
  }
}
)";

constexpr const char* kOnTheHost = R"(
#include <stdio.h>
static uint32_t get(void *to, uint32_t bytes) { return (uint32_t)fread(to, 1, bytes, stdin); }
static void put(const void *from, uint32_t bytes) { fwrite(from, 1, bytes, stdout); }
int main(void) { run(); return 0; }
)";

// Linux's read, write and exit for an emulated core without a C library.
constexpr const char* kOnABareCore = R"(
static long call(long number, long a, long b, long c) {
  register long r7 __asm__("r7") = number;
  register long r0 __asm__("r0") = a;
  register long r1 __asm__("r1") = b;
  register long r2 __asm__("r2") = c;
  __asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2) : "memory");
  return r0;
}
static uint32_t get(void *to, uint32_t bytes) { return (uint32_t)call(3, 0, (long)to, (long)bytes); }
static void put(const void *from, uint32_t bytes) { call(4, 1, (long)from, (long)bytes); }
void _start(void);
void _start(void) { run(); call(1, 0, 0, 0); }
)";

/// Compiles tables and runtime by `compiler`, runs the program by `emulator`, and compares its
/// bytes with ours: for each preset, a spectrum, and raw samples.
void expect_the_same_bytes(const std::string& compiler, const std::string& emulator,
                           const char* around) {
  Rng rng(1);
  std::vector<Settings> cases;
  for (const Preset& preset : presets()) cases.push_back(preset.settings);
  cases.push_back({.kind = Kind::kStft, .clip_length = 1000, .log = {.kind = LogKind::kNone}});
  cases.push_back({.kind = Kind::kRaw,
                   .clip_length = 90,
                   .window_length = 9,
                   .hop_length = 9,
                   .quantisation = {.scale = 0.01}});
  for (const Settings& settings : cases) {
    const Folder folder;
    write_tables(folder, settings);
    write_file(folder / "main.c", std::string(kProgram) + around);
    const auto clip = sounds(rng, settings.clip_length);
    write_file(folder / "in",
               {reinterpret_cast<const std::uint8_t*>(clip.data()), 2 * clip.size()});
    ASSERT_TRUE(runs(compiler + kStrict + "-I" + kRuntime + " -o " + (folder / "program") + " " +
                     (folder / "main.c") + " " + (folder / "frontend.c") + " " + kSources));
    ASSERT_TRUE(runs(emulator + " " + (folder / "program") + " < " + (folder / "in") + " > " +
                     (folder / "out")));
    const auto out = read_bytes(folder / "out");
    EXPECT_EQ(std::vector<std::int8_t>(out.begin(), out.end()),
              FixedFrontend(settings).features(clip))
        << to_json(settings).dump();
  }
}

TEST(CTables, CompileToAProgramThatComputesTheSameBytes) {
  expect_the_same_bytes(THIMBLE_C_COMPILER, THIMBLE_EMULATOR, kOnTheHost);
}

// -nostdlib: a function of a C library that is called somewhere would be missed here.
TEST(CTables, ComputeTheSameBytesInTheCodeOfACortexM4) {
  if (!runs("arm-none-eabi-gcc --version > /dev/null 2>&1") ||
      !runs("qemu-arm --version > /dev/null 2>&1")) {
    GTEST_SKIP() << "no arm-none-eabi-gcc or no qemu-arm: install gcc-arm-none-eabi and qemu-user";
  }
  expect_the_same_bytes("arm-none-eabi-gcc -O2 -mcpu=cortex-m4 -mthumb -ffreestanding -nostdlib",
                        "qemu-arm", kOnABareCore);
}

/// `size` in the Berkeley format: text data bss dec hex name, a line a file.
struct Sections {
  std::int64_t text = 0;
  std::int64_t writable = 0;
};

Sections sections(const std::string& listing) {
  std::istringstream lines(listing);
  std::string line;
  std::getline(lines, line);
  Sections sum;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::int64_t text = 0;
    std::int64_t data = 0;
    std::int64_t bss = 0;
    fields >> text >> data >> bss;
    sum.text += text;
    sum.writable += data + bss;
  }
  return sum;
}

TEST(CTables, AndTheRuntimeTakeOfACortexM4WhatTheCostSays) {
  if (!runs("arm-none-eabi-gcc --version > /dev/null 2>&1")) {
    GTEST_SKIP() << "no arm-none-eabi-gcc: install gcc-arm-none-eabi";
  }
  const Settings& settings = find_preset("mlperf-tiny-kws").settings;
  const Folder folder;
  write_tables(folder, settings);
  const auto measured = [&](const std::string& sources, const std::string& options) {
    const std::string objects = folder / "objects";
    EXPECT_TRUE(runs("rm -rf " + objects + " && mkdir " + objects + " && cd " + objects +
                     " && arm-none-eabi-gcc -c -mcpu=cortex-m4 -mthumb -ffreestanding " + options +
                     kStrict + "-I" + kRuntime + " " + sources +
                     " && arm-none-eabi-size *.o > sizes"));
    return sections(read_text(objects + "/sizes"));
  };
  const Sections code = measured(kSources, "-O2");
  std::cout << "code: " << code.text << " bytes with -O2, " << measured(kSources, "-Os").text
            << " with -Os\n";
  EXPECT_EQ(code.writable, 0);
  // Another version of the compiler may need a little more or less.
  EXPECT_NEAR(static_cast<double>(code.text), static_cast<double>(kCodeBytes.value),
              0.15 * static_cast<double>(kCodeBytes.value));
  const Sections tables = measured(folder / "frontend.c", "-O2");
  EXPECT_EQ(tables.writable, 0);
  // Beside the tables, the settings themselves.
  const auto expected = cost(settings).tables.value;
  EXPECT_GE(tables.text, expected);
  EXPECT_LE(tables.text, expected + 120);
}

TEST(CTables, NameTheirSettingsAndAreTheSameEachTime) {
  const Settings& settings = find_preset("mlperf-tiny-kws").settings;
  const CTables tables = c_tables(settings, "kws_2");
  EXPECT_THAT(tables.header, HasSubstr(to_json(settings).dump()));
  EXPECT_THAT(tables.header, HasSubstr("#define KWS_2_STATE_BYTES 4980u\n"));
  EXPECT_THAT(tables.source, HasSubstr("#include \"kws_2.h\"\n"));
  EXPECT_EQ(tables.source, c_tables(settings, "kws_2").source);
}

TEST(CTables, RefuseANameThatIsNoneInC) {
  const Settings& settings = find_preset("mlperf-tiny-kws").settings;
  for (const char* name : {"", "2kws", "kws-2", "a b", "a/b", "ü"}) {
    EXPECT_THROW(c_tables(settings, name), ConfigError) << name;
  }
}

}  // namespace
}  // namespace thimble::frontend
