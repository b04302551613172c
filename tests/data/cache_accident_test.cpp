// What others, the disk and kill -9 do to a cache.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include "data/cache_fixtures.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;
using fixtures::all_in;
using fixtures::bytes;
using fixtures::ByteVector;
using fixtures::CachedLoad;
using fixtures::expect_equal;
using fixtures::files_ending;
using fixtures::is_stored;
using fixtures::load_cached;
using fixtures::outgrown_in;
using fixtures::TemporaryFolder;
using fixtures::write_photos;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

pid_t start(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  try {
    work();
  } catch (...) {
    ::_exit(2);
  }
  ::_exit(testing::Test::HasFailure() ? 1 : 0);
}

/// How the child ended: its exit code, or 128 + the signal.
int end_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int in_child(const std::function<void()>& work) { return end_of(start(work)); }

/// No file of the process gets longer.
void limit_files(std::uintmax_t bytes) {
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

class CacheAccident : public testing::Test {
 protected:
  CacheAccident() {
    write_photos(set_, 60);
    expected_ = load_dataset(set_.string());
  }

  /// The only sample file in the cache.
  fs::path entry() const {
    const auto files = files_ending(cache_, ".samples");
    EXPECT_THAT(files, SizeIs(1));
    return files.at(0);
  }

  /// As if nothing had been.
  void expect_recovered() const {
    expect_equal(load_cached(set_, all_in(cache_)).set, expected_);
    EXPECT_THAT(files_ending(cache_, ".part"), SizeIs(0));
    const CachedLoad again = load_cached(set_, all_in(cache_));
    EXPECT_EQ(again.files_read, 0);
    expect_equal(again.set, expected_);
  }

  TemporaryFolder folder_;
  fs::path set_ = folder_.path() / "set";
  fs::path cache_ = folder_.path() / "cache";
  Dataset expected_;
};

TEST_F(CacheAccident, ThreadsThatBuildAtOnceReadTheFilesOnce) {
  std::atomic<std::size_t> files_read = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const CachedLoad load = load_cached(set_, all_in(cache_));
      files_read += load.files_read;
      expect_equal(load.set, expected_);
      EXPECT_TRUE(is_stored(load.set));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(files_read, 60);
  expect_recovered();
}

TEST_F(CacheAccident, ProcessesMayBuildAtOnce) {
  for (const CacheOptions& cache : {all_in(cache_), outgrown_in(cache_)}) {
    fs::remove_all(cache_);
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
      children.push_back(start([&] { expect_equal(load_cached(set_, cache).set, expected_); }));
    }
    for (const pid_t child : children) EXPECT_EQ(end_of(child), 0);
    expect_recovered();
  }
}

TEST_F(CacheAccident, KillingTheBuilderLeavesNothingBroken) {
  for (const std::size_t file : {0, 1, 7, 30, 59}) {
    SCOPED_TRACE(file);
    fs::remove_all(cache_);
    const int end = in_child([&] {
      DatasetOptions options{.cache = all_in(cache_)};
      options.cache.most_in_memory = 0;
      options.progress = [&](const ReadingProgress& at) {
        if (at.doing == "read" && at.done == file) ::raise(SIGKILL);
      };
      load_dataset(set_.string(), options);
    });
    EXPECT_EQ(end, 128 + SIGKILL);
    EXPECT_THAT(files_ending(cache_, ".part"), SizeIs(1));
    EXPECT_THAT(files_ending(cache_, ".samples"), SizeIs(0));
    expect_recovered();
  }
}

TEST_F(CacheAccident, KillingTheBuilderInAnyByteItWritesLeavesNothingBroken) {
  load_cached(set_, all_in(cache_));
  const std::uintmax_t size = fs::file_size(entry());
  for (const std::uintmax_t limit : {std::uintmax_t{1}, std::uintmax_t{4096}, std::uintmax_t{4097},
                                     std::uintmax_t{4500}, size / 2, size - 1}) {
    SCOPED_TRACE(limit);
    fs::remove_all(cache_);
    EXPECT_EQ(in_child([&] {
                limit_files(limit);  // whose signal, unless it is ignored, ends a process
                load_cached(set_, all_in(cache_));
              }),
              128 + SIGXFSZ);
    EXPECT_THAT(files_ending(cache_, ".samples"), SizeIs(0));
    expect_recovered();
  }
}

TEST_F(CacheAccident, KillingTheBuilderBeforeItNamesItsFileLeavesNothingBroken) {
  load_cached(set_, all_in(cache_));
  fs::rename(entry(), entry().string() + ".part");
  EXPECT_EQ(load_cached(set_, all_in(cache_)).files_read, 60);
  expect_recovered();
}

TEST_F(CacheAccident, TheNextBuilderRemovesTheDraftsOfTheDeadOnly) {
  fs::create_directory(cache_);
  folder_.write("cache/dead.samples.part", bytes("half"));
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const fs::path other = folder_.path() / "other";
  write_photos(other, 50);
  const pid_t alive = start([&] {
    DatasetOptions options{.cache = all_in(cache_)};
    options.progress = [&](const ReadingProgress& at) {
      if (at.doing != "read" || at.done != 20) return;
      EXPECT_EQ(::write(ready[1], "x", 1), 1);
      while (true) ::pause();
    };
    load_dataset(other.string(), options);
  });
  char x = 0;
  ASSERT_EQ(::read(ready[0], &x, 1), 1);
  load_cached(set_, all_in(cache_));
  EXPECT_THAT(files_ending(cache_, ".part"), SizeIs(1)) << "that of the process which is alive";
  ::kill(alive, SIGKILL);
  EXPECT_EQ(end_of(alive), 128 + SIGKILL);
  fs::remove(entry());
  expect_recovered();
}

TEST_F(CacheAccident, DamagedFilesAreBuiltAgain) {
  load_cached(set_, all_in(cache_));
  const auto good = read_bytes(entry());
  std::size_t rebuilt = 0;
  std::size_t flips = 0;
  for (std::size_t at = 0; at < good.size(); at += at < 80 || at > 4090 ? 29 : 500) {
    auto bad = good;
    bad[at] ^= 0x10;
    write_file(entry(), bad);
    const CachedLoad load = load_cached(set_, all_in(cache_));
    expect_equal(load.set, expected_);
    rebuilt += load.files_read > 0;
    // Bytes 80 … 4095 say nothing.
    if (at >= 80 && at < 4096) {
      EXPECT_EQ(load.files_read, 0);
    } else {
      ++flips;
    }
  }
  EXPECT_EQ(rebuilt, flips);
  for (const std::size_t size : {std::size_t{0}, std::size_t{79}, std::size_t{4095},
                                 std::size_t{4096}, good.size() / 2, good.size() - 1}) {
    write_file(entry(), std::span(good).first(size));
    EXPECT_EQ(load_cached(set_, all_in(cache_)).files_read, 60) << size;
  }
  auto longer = good;
  longer.push_back(0);
  write_file(entry(), longer);
  expect_recovered();
}

TEST_F(CacheAccident, AFullDiskIsAWarning) {
  load_cached(set_, all_in(cache_));
  const std::uintmax_t size = fs::file_size(entry());
  for (const std::uintmax_t limit : {std::uintmax_t{0}, std::uintmax_t{4100}, size - 1}) {
    for (const CacheOptions& cache : {all_in(cache_), outgrown_in(cache_)}) {
      SCOPED_TRACE(limit);
      fs::remove_all(cache_);
      EXPECT_EQ(in_child([&] {
                  std::signal(SIGXFSZ, SIG_IGN);
                  limit_files(limit);
                  const CachedLoad load = load_cached(set_, cache);
                  expect_equal(load.set, expected_);
                  EXPECT_THAT(load.warnings, ElementsAre(HasSubstr("the set stays in memory")));
                  EXPECT_TRUE(fs::is_empty(cache_));
                }),
                0);
    }
  }
}

TEST_F(CacheAccident, AFolderThatCannotBeWrittenIsAWarning) {
  const fs::path file = folder_.write("file", bytes("x"));
  std::vector<fs::path> places = {file, file / "below", "/proc/thimble"};
  for (const fs::path& place : places) {
    const CachedLoad load = load_cached(set_, all_in(place));
    expect_equal(load.set, expected_);
    EXPECT_THAT(load.warnings, ElementsAre(HasSubstr(place.string())));
  }
  // Something else in the place of the set.
  load_cached(set_, all_in(cache_));
  const fs::path place = entry();
  fs::remove(place);
  fs::create_directories(place / "folder");
  const CachedLoad load = load_cached(set_, all_in(cache_));
  expect_equal(load.set, expected_);
  EXPECT_THAT(load.warnings, SizeIs(1));
}

}  // namespace
}  // namespace thimble
