#include "thimble/readers/cifar.hpp"

#include "support/fixtures.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using fixtures::ByteVector;
using fixtures::error_of;
using fixtures::TemporaryFolder;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

/// A record whose red is 10, green 20 and blue 30, but for the pixel at row 1, column 2: 11,
/// 22, 33.
ByteVector record(std::uint8_t label) {
  ByteVector bytes = {label};
  for (const std::uint8_t value : ByteVector{10, 20, 30}) bytes.insert(bytes.end(), 1024, value);
  bytes[1 + 34] = 11;
  bytes[1 + 1024 + 34] = 22;
  bytes[1 + 2048 + 34] = 33;
  return bytes;
}

ByteVector operator+(ByteVector a, const ByteVector& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(Cifar, InterleavesThePlanes) {
  Samples samples;
  append_cifar(record(7) + record(0), "x.bin", 10, samples);
  EXPECT_EQ(samples.shape, (Shape{.height = 32, .width = 32, .channels = 3}));
  EXPECT_THAT(samples.labels, ElementsAre(7, 0));
  const auto second = samples.image(1);
  ASSERT_EQ(second.size(), 3072);
  EXPECT_THAT(second.first(3), ElementsAre(10, 20, 30));
  EXPECT_THAT(second.subspan(3 * 34, 6), ElementsAre(11, 22, 33, 10, 20, 30));
}

TEST(Cifar, AppendsFileAfterFile) {
  Samples samples;
  append_cifar(record(1), "1.bin", 10, samples);
  append_cifar(record(2), "2.bin", 10, samples);
  EXPECT_THAT(samples.labels, ElementsAre(1, 2));
  EXPECT_EQ(samples.pixels.size(), 2 * 3072);
}

TEST(Cifar, RefusesHalfARecord) {
  Samples samples;
  for (const std::size_t size : {0, 1, 3072, 3074}) {
    EXPECT_THAT(
        error_of<DataError>([&] { append_cifar(ByteVector(size), "x.bin", 10, samples); }),
        HasSubstr("x.bin: size = " + std::to_string(size) + " bytes: records of 3073 bytes"));
  }
}

TEST(Cifar, RefusesALabelThatIsNoClass) {
  Samples samples;
  EXPECT_EQ(
      error_of<DataError>([&] { append_cifar(record(9) + record(10), "x.bin", 10, samples); }),
      "x.bin: label 1 = 10: must be below 10, the number of classes");
}

TEST(Cifar, ReadsAFolderInTheOrderOfTheBatches) {
  const TemporaryFolder folder;
  EXPECT_FALSE(recognises_cifar(folder.path()));
  folder.write("data_batch_2.bin", record(2));
  folder.write("data_batch_1.bin", record(1) + record(9));
  ASSERT_TRUE(recognises_cifar(folder.path()));
  EXPECT_TRUE(read_cifar(folder.path(), {}, {}).test.empty());
  folder.write("test_batch.bin", record(5));
  const RawDataset set = read_cifar(folder.path(), {}, {});
  EXPECT_THAT(set.train.labels, ElementsAre(1, 9, 2));
  EXPECT_THAT(set.test.labels, ElementsAre(5));
  EXPECT_EQ(set.class_names.at(5), "dog");
}

TEST(Cifar, TakesTheClassNamesOfTheFolder) {
  const TemporaryFolder folder;
  folder.write("data_batch_1.bin", record(1));
  write_file(folder.path() / "batches.meta.txt", "cup\r\nsaucer\n\n");
  EXPECT_THAT(read_cifar(folder.path(), {}, {}).class_names, ElementsAre("cup", "saucer"));
  EXPECT_THAT(
      error_of<DataError>([&] { read_cifar(folder.path(), {.shape = {}, .classes = 10}, {}); }),
      EndsWith("batches.meta.txt: class names = 2: 10 expected"));
  write_file(folder.path() / "batches.meta.txt", "\n");
  EXPECT_THAT(error_of<DataError>([&] { read_cifar(folder.path(), {}, {}); }),
              HasSubstr("batches.meta.txt: class names = 0"));
}

TEST(Cifar, NamesAMissingBatch) {
  const TemporaryFolder folder;
  folder.write("data_batch_3.bin", record(2));
  folder.write("data_batch_1.bin", record(1));
  EXPECT_THAT(error_of<DataError>([&] { read_cifar(folder.path(), {}, {}); }),
              HasSubstr("data_batch_2.bin"));
  const TemporaryFolder only_test;
  only_test.write("test_batch.bin", record(5));
  EXPECT_THAT(error_of<DataError>([&] { read_cifar(only_test.path(), {}, {}); }),
              HasSubstr("data_batch_1.bin: not there"));
}

}  // namespace
}  // namespace thimble
