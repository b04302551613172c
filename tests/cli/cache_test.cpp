#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "cli/program.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Grey images of two pixels: bright ones and dark ones.
std::string write_photos(const TemporaryFolder& folder, int count) {
  for (const char* name : {"bright", "dark"}) {
    fs::create_directories(folder.path() / "photos" / name);
  }
  for (int i = 0; i < count; ++i) {
    const bool bright = i % 2 == 0;
    // Thousands of files: write_file waits for the disk each time.
    std::ofstream(folder.path() / "photos" / (bright ? "bright" : "dark") /
                  fmt::format("{}.pgm", i))
        << fmt::format("P2 2 1 255 {} {}", i % 97 + (bright ? 150 : 0), i % 89);
  }
  return folder / "photos";
}

/// A network for large images that trains in no time.
std::string write_network(const TemporaryFolder& folder) {
  const auto layer = [](int filters) {
    return fmt::format(R"({{"type": "conv", "pre_pool": false, "kernel": 3, "stride": 2,)"
                       R"( "filters": {}, "batch_norm": true, "relu": true}})",
                       filters);
  };
  write_file(
      folder.path() / "network.json",
      fmt::format(R"({{"space": "munas", "blocks": [{{"branch": false, "layers": [{}, {}]}}],)"
                  R"( "pool": {{"kind": "max", "size": 6}}, "dense": [10]}})",
                  layer(1), layer(2)));
  return folder / "network.json";
}

/// `thimble` with so much memory of its own (RLIMIT_DATA).
Finished thimble_within(int mebibytes, const std::vector<std::string>& arguments,
                        const TemporaryFolder& folder) {
  std::vector<std::string> all = {"-c", "ulimit -d \"$0\" && exec \"$@\"",
                                  std::to_string(1024 * mebibytes), THIMBLE_PROGRAM};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return wait_for(start_program("/bin/sh", all, folder), folder);
}

/// Sets an environment variable for the programs of one test.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST(Cache, LetsASetTrainThatIsLargerThanTheMemory) {
  const TemporaryFolder folder;
  // 14,000 images of 128×128 bytes are 219 MiB.
  constexpr int kMemory = 128;
  const std::string photos = write_photos(folder, 14'000);
  const std::string network = write_network(folder);
  const std::string model = folder / "model.tflite";
  const std::vector<std::string> train = {"train",   network,    "--data", photos,  "--image-size",
                                          "128x128", "--epochs", "1",      "--out", model};
  for (const char* place : {"none", "/proc/cache"}) {
    const Environment no_cache("THIMBLE_CACHE", place);
    const Finished run = thimble_within(kMemory, train, folder);
    EXPECT_EQ(run.code, 2);
    EXPECT_THAT(run.err, AllOf(HasSubstr("photos: samples = more than 38 MiB: too many for the "
                                         "memory"),
                               HasSubstr("set THIMBLE_CACHE to a folder with room")));
    EXPECT_FALSE(fs::exists(model));
  }
  std::string expected;
  {
    const Environment none("THIMBLE_CACHE", "none");
    EXPECT_EQ(thimble(train, folder).code, 0);
    expected = read_text(model);
  }
  for (const char* start : {"first", "second"}) {
    SCOPED_TRACE(start);
    fs::remove(model);
    const Finished run = thimble_within(kMemory, train, folder);
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.err, Not(HasSubstr("cache"))) << "is a warning";
    EXPECT_TRUE(read_text(model) == expected) << "the network is another one";
  }
}

TEST(Cache, IsClearedByACommand) {
  const TemporaryFolder folder;
  const std::string photos = write_photos(folder, 300);
  const Finished fresh = thimble({"datasets", photos}, folder);
  const Finished again = thimble({"datasets", photos}, folder);
  EXPECT_EQ(again.out, fresh.out);
  EXPECT_EQ(again.err, "");
  EXPECT_FALSE(fs::is_empty(folder.path() / "cache"));
  const Finished cleared = thimble({"datasets", "--clear-cache"}, folder);
  EXPECT_EQ(cleared.code, 0) << cleared.err;
  EXPECT_THAT(cleared.out, AllOf(StartsWith(folder / "cache"), HasSubstr("KiB freed")));
  EXPECT_TRUE(fs::is_empty(folder.path() / "cache"));
  const Finished json = thimble({"datasets", "--clear-cache", "--json"}, folder);
  EXPECT_EQ(Json::parse(json.out).at("freed"), 0);
}

TEST(Cache, SaysInALineThatItCannotBeWritten) {
  const TemporaryFolder folder;
  const std::string photos = write_photos(folder, 300);
  const Finished kept = thimble({"datasets", photos}, folder);
  const Environment unwritable("THIMBLE_CACHE", "/proc/cache");
  const Finished run = thimble({"datasets", photos}, folder);
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out, kept.out);
  EXPECT_THAT(run.err, AllOf(StartsWith("cache: /proc/cache"), HasSubstr("stays in memory")));
  EXPECT_EQ(std::ranges::count(run.err, '\n'), 1);
  EXPECT_EQ(thimble({"datasets", photos, "--quiet"}, folder).err, "");
}

}  // namespace
}  // namespace thimble
