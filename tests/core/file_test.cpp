#include "thimble/core/file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() : folder_(fs::temp_directory_path() / ("thimble_file_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~FileTest() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(FileTest, ReadsBackWhatItWrote) {
  const std::string text("a\0b\n", 4);
  write_file(folder_ / "x", text);
  EXPECT_EQ(read_text(folder_ / "x"), text);
  EXPECT_EQ(read_bytes(folder_ / "x").size(), 4U);
}

TEST_F(FileTest, LeavesNoDraftBehind) {
  write_file(folder_ / "x", "old");
  write_file(folder_ / "x", "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
  EXPECT_EQ(read_text(folder_ / "x"), "new");
}

// A limit on the size of files stands in for a full disk: the write fails half-way.
TEST_F(FileTest, KeepsTheOldFileWhenTheDiskIsFull) {
  write_file(folder_ / "x", "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(write_file(folder_ / "x", std::string(5000, 'n')), DataError);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(read_text(folder_ / "x"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(FileTest, NamesTheTargetThatCannotBeWritten) {
  const fs::path target = folder_ / "no such folder" / "x";
  try {
    write_file(target, "text");
    FAIL() << "must throw";
  } catch (const DataError& error) {
    EXPECT_EQ(std::string(error.what()),
              target.string() + ": cannot be written: No such file or directory");
  }
}

TEST_F(FileTest, NamesThePathThatCannotBeRead) {
  EXPECT_THROW(read_text(folder_ / "absent"), DataError);
  EXPECT_THROW(read_text(folder_), DataError);
}

}  // namespace
}  // namespace thimble
