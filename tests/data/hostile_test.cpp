// Sets that somebody made to break the reader, or by accident: one clear line each.
#include <sys/stat.h>
#include <unistd.h>

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/readers/reader.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;
using fixtures::bytes;
using fixtures::ByteVector;
using fixtures::error_of;
using fixtures::pgm;
using fixtures::TemporaryFolder;
using fixtures::wav;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// Twenty images each of two classes.
void write_images(const TemporaryFolder& folder) {
  for (int i = 0; i < 40; ++i) {
    folder.write(fmt::format("{}/{}.pgm", i % 2 ? "a" : "b", i),
                 pgm(1, 1, {static_cast<std::uint8_t>(i)}));
  }
}

Dataset load(const TemporaryFolder& folder, const ReadOptions& options = {}) {
  return load_dataset(folder.path().string(), {.read = options});
}

std::string error(const TemporaryFolder& folder, const ReadOptions& options = {}) {
  std::string text = error_of<Error>([&] { load(folder, options); });
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  return text;
}

/// A broken file among good ones is left out and said, and refused where the options are strict.
void expect_broken(const TemporaryFolder& folder, const std::string& complaint) {
  const Dataset set = load(folder);
  EXPECT_EQ(set.train.size() + set.validation.size() + set.test.size(), 40);
  EXPECT_EQ(set.findings.broken, 1);
  EXPECT_THAT(set.findings.broken_files, ElementsAre(HasSubstr(complaint)));
  EXPECT_THAT(error(folder, {.strict = true}), HasSubstr(complaint));
}

TEST(HostileSet, HasATextNamedAsSound) {
  const TemporaryFolder folder;
  for (int i = 0; i < 40; ++i) {
    folder.write(fmt::format("{}/{}.wav", i % 2 ? "a" : "b", i),
                 wav({static_cast<std::int16_t>(i)}));
  }
  folder.write("a/text.wav", bytes("not a sound at all, but rather long"));
  expect_broken(folder, "a/text.wav: is neither WAV nor FLAC, whatever its name");
}

TEST(HostileSet, HasAnEmptyImage) {
  const TemporaryFolder folder;
  write_images(folder);
  folder.write("a/empty.png", {});
  expect_broken(folder, "a/empty.png: is empty");
}

TEST(HostileSet, HasATextNamedAsAnImage) {
  const TemporaryFolder folder;
  write_images(folder);
  folder.write("b/text.jpg", bytes("hello"));
  expect_broken(folder, "b/text.jpg: is no image: PNG, JPEG, BMP or PGM/PPM expected");
}

TEST(HostileSet, HasAnImageOfManyGigabytes) {
  const TemporaryFolder folder;
  write_images(folder);
  folder.write("b/big.pgm", bytes("P5 60000 60000 255\n"));
  expect_broken(folder, "b/big.pgm: image = 60000×60000 pixels: 1 to 67108864 in all are read");
}

TEST(HostileSet, HasASoundOfEightGibibytesOfNothing) {
  const TemporaryFolder folder;
  for (int i = 0; i < 40; ++i) {
    folder.write(fmt::format("{}/{}.wav", i % 2 ? "a" : "b", i),
                 wav({static_cast<std::int16_t>(i)}));
  }
  folder.write("a/huge.wav", wav({1, 2}));
  const fs::path huge = folder.path() / "a/huge.wav";
  std::error_code failure;
  fs::resize_file(huge, std::uintmax_t{8} << 30, failure);
  if (failure) GTEST_SKIP() << "no sparse files here: " << failure.message();
  expect_broken(folder, "a/huge.wav: size = 8589934592 bytes: at most 268435456 are read");
}

TEST(HostileSet, HasOneClassOnly) {
  const TemporaryFolder folder;
  folder.write("a/1.pgm", pgm(1, 1, {1}));
  folder.write("a/2.pgm", pgm(1, 1, {2}));
  EXPECT_EQ(error(folder), folder.path().string() + ": classes = 1: at least 2 expected");
}

TEST(HostileSet, HasTwoClassesOfOneSample) {
  const TemporaryFolder folder;
  folder.write("a/1.pgm", pgm(1, 1, {1}));
  folder.write("b/2.pgm", pgm(1, 1, {2}));
  EXPECT_EQ(error(folder), folder.path().string() + ": training samples = 2: too few to split");
}

TEST(HostileSet, HasBrokenFilesOnly) {
  const TemporaryFolder folder;
  folder.write("a/1.png", bytes("x"));
  folder.write("b/2.png", bytes("y"));
  EXPECT_THAT(error(folder), AllOf(HasSubstr("samples = 0: all 2 files are broken, such as"),
                                   HasSubstr("a/1.png: is no image")));
}

TEST(HostileSet, HasOneClassWhoseFilesAreAllBroken) {
  const TemporaryFolder folder;
  folder.write("a/1.png", bytes("x"));
  for (int i = 0; i < 20; ++i) folder.write(fmt::format("b/{}.pgm", i), pgm(1, 1, {1}));
  EXPECT_THAT(error(folder), HasSubstr("classes with training samples = 1: at least 2 expected"));
}

TEST(HostileSet, ListsTenBrokenFilesAndCountsTheOthers) {
  const TemporaryFolder folder;
  write_images(folder);
  for (int i = 0; i < 13; ++i) folder.write(fmt::format("a/x{}.png", i), bytes("x"));
  const Dataset set = load(folder);
  EXPECT_EQ(set.findings.broken, 13);
  EXPECT_EQ(set.findings.broken_files.size(), Findings::kListed);
}

TEST(HostileSet, HasNamesOfAllKinds) {
  const TemporaryFolder folder;
  const std::string strange[] = {"line\nbreak", "größe 日本", " blank", "bad\xFFutf8",
                                 "back\\slash"};
  for (const std::string& name : strange) {
    for (int i = 0; i < 10; ++i) {
      folder.write(name + "/x\n" + std::to_string(i) + ".pgm",
                   pgm(1, 1, {static_cast<std::uint8_t>(i)}));
    }
    folder.write(name + "/\t.pgm", bytes("no image"));
  }
  const Dataset set = load(folder);
  EXPECT_THAT(set.class_names,
              ElementsAre(" blank", "back\\\\slash", "bad\\xffutf8", "größe 日本", "line\\nbreak"));
  EXPECT_EQ(set.findings.broken, 5);
  EXPECT_THAT(set.findings.broken_files, Contains(HasSubstr("line\\nbreak/\\t.pgm: is no image")));
  EXPECT_THAT(set.train.names, testing::Each(HasSubstr("/x\\n")));
}

TEST(HostileSet, HasLinksThatLeadInCircles) {
  const TemporaryFolder folder;
  write_images(folder);
  fs::create_directory_symlink(folder.path(), folder.path() / "a" / "up");
  fs::create_directory_symlink("self", folder.path() / "b" / "self");
  fs::create_symlink("nowhere.pgm", folder.path() / "a" / "dangling.pgm");
  const Dataset set = load(folder);
  EXPECT_GE(set.findings.broken, 1);
  EXPECT_THAT(set.findings.broken_files,
              Contains(HasSubstr("a/dangling.pgm: is a link that leads nowhere")));
  EXPECT_THAT(set.findings.notes, Contains(HasSubstr("leads back to a folder that was read")));
}

TEST(HostileSet, HasAPipeThatNobodyWritesTo) {
  const TemporaryFolder folder;
  write_images(folder);
  ASSERT_EQ(::mkfifo((folder.path() / "a" / "pipe.png").c_str(), 0600), 0);
  expect_broken(folder, "a/pipe.png: is no regular file");
}

TEST(HostileSet, HasAFileThatMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every file";
  const TemporaryFolder folder;
  write_images(folder);
  folder.write("a/secret.pgm", pgm(1, 1, {1}));
  fs::permissions(folder.path() / "a" / "secret.pgm", fs::perms::none);
  expect_broken(folder, "a/secret.pgm: cannot be read: Permission denied");
}

TEST(HostileSet, HasAFileThatCannotBeReadByAnybody) {
  const fs::path memory = "/proc/self/mem";  // its first page is mapped by nobody
  if (!fs::exists(memory)) GTEST_SKIP() << memory << " is not on this machine";
  const TemporaryFolder folder;
  write_images(folder);
  fs::create_symlink(memory, folder.path() / "a" / "memory.png");
  expect_broken(folder, "a/memory.png: ");
}

TEST(FindSource, SaysWhatItFoundAndWhichKindsThereAre) {
  const TemporaryFolder folder;
  folder.write("papers/a.pdf", bytes("x"));
  folder.write("papers/b.PDF", bytes("x"));
  folder.write("c.txt", bytes("x"));
  EXPECT_THAT(
      error_of<DataError>([&] { find_source(folder.path().string()); }),
      AllOf(StartsWith(folder.path().string() +
                       ": holds no data set that is known: found "
                       "3 files in 1 folders (2 .pdf, 1 .txt); usual are a folder a class of "),
            HasSubstr("KIND:PATH reads it as idx, cifar-10,")));
  EXPECT_THAT(error_of<DataError>([&] { find_source((folder.path() / "c.txt").string()); }),
              HasSubstr("found a .txt file"));
}

TEST(FindSource, TakesAKindInFrontOfThePath) {
  const TemporaryFolder folder;
  write_images(folder);
  EXPECT_EQ(find_source(folder.path().string()).reader->kind, "images");
  EXPECT_EQ(find_source("audio:" + folder.path().string()).reader->kind, "audio");
  EXPECT_THAT(error_of<ConfigError>([&] { find_source("imges:" + folder.path().string()); }),
              HasSubstr("no such kind (did you mean \"images\"?): one of idx, cifar-10"));
  EXPECT_EQ(error_of<DataError>([] { find_source("images:/no/such\nplace"); }),
            "/no/such\\nplace: no such file or folder");
  folder.write("odd:name/a/1.pgm", pgm(1, 1, {1}));
  EXPECT_EQ(find_source((folder.path() / "odd:name").string()).reader->kind, "images");
}

}  // namespace
}  // namespace thimble
