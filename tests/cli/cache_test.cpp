#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "cli/program.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// Grey images of two pixels: bright ones and dark ones.
std::string write_photos(const TemporaryFolder& folder, int count) {
  for (const char* name : {"bright", "dark"}) {
    fs::create_directories(folder.path() / "photos" / name);
  }
  for (int i = 0; i < count; ++i) {
    const bool bright = i % 2 == 0;
    write_file(folder.path() / "photos" / (bright ? "bright" : "dark") / fmt::format("{}.pgm", i),
               fmt::format("P2 2 1 255 {} {}", i % 97 + (bright ? 150 : 0), i % 89));
  }
  return folder / "photos";
}

/// A network for large images that trains in no time.
std::string write_network(const TemporaryFolder& folder) {
  const std::string layer =
      R"({"type": "conv", "pre_pool": false, "kernel": 3, "stride": 2, "filters": 4,)"
      R"( "batch_norm": true, "relu": true})";
  write_file(folder.path() / "network.json",
             R"({"space": "munas", "blocks": [{"branch": false, "layers": [)" + layer + "," +
                 layer + R"(]}], "pool": {"kind": "max", "size": 6}, "dense": [10]})");
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
  const std::string network = write_network(folder);
  // 20,000 images of 128×128 bytes are 312 MiB.
  const std::vector<std::string> train = {
      "train",    network, "--data", write_photos(folder, 20'000), "--image-size", "128x128",
      "--epochs", "1",     "--json"};
  constexpr int kMemory = 160;
  {
    const Environment none("THIMBLE_CACHE", "none");
    const Finished run = thimble_within(kMemory, train, folder);
    EXPECT_EQ(run.code, 2);
    EXPECT_THAT(run.err, AllOf(HasSubstr("photos: samples = more than 48 MiB: too many for the "
                                         "memory"),
                               HasSubstr("THIMBLE_CACHE")));
    EXPECT_EQ(std::ranges::count(run.err, '\n'), 1) << run.err;
  }
  {
    const Environment unwritable("THIMBLE_CACHE", "/proc/cache");
    const Finished run = thimble_within(kMemory, train, folder);
    EXPECT_EQ(run.code, 2);
    EXPECT_THAT(run.err, AllOf(HasSubstr("too many for the memory"), HasSubstr("/proc/cache")));
  }
  std::string in_memory;
  {
    const Environment none("THIMBLE_CACHE", "none");
    in_memory = thimble(train, folder).out;
  }
  for (const char* start : {"first", "second"}) {
    SCOPED_TRACE(start);
    const Finished run = thimble_within(kMemory, train, folder);
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    const Json answer = Json::parse(run.out);
    EXPECT_GT(answer.at("test_accuracy"), 0.9);
    EXPECT_EQ(run.out, in_memory);
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
