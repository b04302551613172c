#include "sample_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "checksum.hpp"
#include "data/cache_fixtures.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using fixtures::error_of;
using fixtures::TemporaryFolder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr Identity kIdentity = {1, 2, 3, 4, 5};

RawDataset small_set() {
  RawDataset set;
  const Shape shape{.height = 1, .width = 2, .channels = 1};
  set.train = {.shape = shape,
               .pixels = {},
               .labels = {0, 1, 1},
               .sound = {1, -2, 3, -4, 5, -6},
               .values = {},
               .names = {"a", "b", "c"},
               .anomalous = {0, 1, 0}};
  set.test = {
      .shape = shape, .pixels = {}, .labels = {1}, .sound = {7, 8}, .values = {}, .names = {"d"}};
  set.class_names = {"no", "yes"};
  set.groups = {4, 4, 9};
  set.findings = {.broken = 2, .broken_files = {"x: bad"}, .notes = {"odd", ""}};
  return set;
}

std::filesystem::path write(const TemporaryFolder& folder) {
  const auto path = folder.path() / "set.samples";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  SampleFileWriter writer(descriptor, path.string());
  RawDataset set = small_set();
  writer.finish(set, kIdentity);
  ::close(descriptor);
  return path;
}

// Vectors of the reference implementation.
TEST(Checksum, IsXxh64) {
  const auto of = [](std::string_view text) { return checksum(std::as_bytes(std::span(text))); };
  EXPECT_EQ(of(""), 0xef46db3751d8e999);
  EXPECT_EQ(of("a"), 0xd24ec4f1a98c6e5b);
  EXPECT_EQ(of("abc"), 0x44bc2cf5ad770999);
  EXPECT_EQ(of("Nobody inspects the spammish repetition"), 0xfbcea83c8a378bf1);
}

TEST(SampleFile, HoldsWhatWasWritten) {
  const TemporaryFolder folder;
  const RawDataset set = open_sample_file(write(folder), kIdentity, "");
  const RawDataset expected = small_set();
  EXPECT_EQ(set.train, expected.train);
  EXPECT_EQ(set.test, expected.test);
  EXPECT_TRUE(set.validation.empty());
  EXPECT_EQ(set.class_names, expected.class_names);
  EXPECT_EQ(set.groups, expected.groups);
  EXPECT_EQ(set.findings, expected.findings);
}

TEST(SampleFile, TakesPiecesInAnyOrderOfSplits) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "set.samples";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  SampleFileWriter writer(descriptor, "set");
  RawDataset set;
  set.class_names = {"a", "b"};
  set.train.shape = set.test.shape = {.height = 1, .width = 1, .channels = 1};
  for (int i = 0; i < 6; ++i) {
    Samples& part = i % 3 == 2 ? set.test : set.train;
    part.values.push_back(static_cast<float>(i));
    part.labels.push_back(i % 2);
    if (i != 3) writer.take(set);
  }
  EXPECT_TRUE(set.train.values.empty());
  writer.finish(set, kIdentity);
  ::close(descriptor);
  const RawDataset read = open_sample_file(path, kIdentity, "");
  EXPECT_THAT(read.train.values, ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(read.train.labels, ElementsAre(0, 1, 1, 0));
  EXPECT_THAT(read.test.values, ElementsAre(2, 5));
}

TEST(SampleFile, RefusesAnotherSetAndAnotherVersion) {
  const TemporaryFolder folder;
  const auto path = write(folder);
  EXPECT_THAT(error_of<DataError>([&] {
                open_sample_file(path, {1, 2, 3, 4, 6}, "");
              }),
              AllOf(HasSubstr("set.samples"), HasSubstr("is of another set")));
  auto bytes = read_bytes(path);
  ++bytes[8];
  write_file(path, bytes);
  EXPECT_THAT(error_of<DataError>([&] { open_sample_file(path, kIdentity, ""); }),
              HasSubstr("of this version"));
}

TEST(SampleFile, FindsADamagedSampleWhereItIsFirstRead) {
  const TemporaryFolder folder;
  const auto path = write(folder);
  auto bytes = read_bytes(path);
  bytes[4096 + 5] ^= 1;  // of the second sample
  write_file(path, bytes);
  EXPECT_THAT(error_of<DataError>([&] { open_sample_file(path, kIdentity, ""); }),
              HasSubstr("sample 1"));
  const RawDataset set = open_sample_file(path, kIdentity, path, 0);
  EXPECT_EQ(set.train.clip(0)[1], -2);
  EXPECT_EQ(set.train.clip(2)[1], -6);
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_THAT(error_of<DataError>([&] { set.train.clip(1); }),
              AllOf(HasSubstr("set.samples"), HasSubstr("sample 1"), HasSubstr("start again")));
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace thimble
