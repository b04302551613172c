#include "thimble/readers/idx.hpp"

#include "support/fixtures.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using fixtures::error_of;
using fixtures::gzip;
using fixtures::idx;
using fixtures::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// Two images of 2 rows and 3 columns.
const fixtures::ByteVector kImages = idx({2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255});
const fixtures::ByteVector kLabels = idx({2}, {0, 2});

std::string parse_error(const fixtures::ByteVector& bytes) {
  return error_of<DataError>([&] { parse_idx(bytes, "x.idx"); });
}

std::string samples_error(const fixtures::ByteVector& images, const fixtures::ByteVector& labels,
                          const Expected& expected = {}) {
  return error_of<DataError>([&] {
    parse_idx_samples({images, "i.idx"}, {labels, "l.idx"}, expected);
  });
}

TEST(Idx, ReadsDimensionsAndValues) {
  const IdxArray array = parse_idx(kImages, "x.idx");
  EXPECT_THAT(array.dimensions, ElementsAre(2, 2, 3));
  EXPECT_THAT(array.values, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255));
}

TEST(Idx, ReadsLengthsBigEndian) {
  const IdxArray array = parse_idx(idx({1, 258}, fixtures::ByteVector(258)), "x.idx");
  EXPECT_THAT(array.dimensions, ElementsAre(1, 258));
}

TEST(Idx, RefusesWhatIsNoIdxAndSaysWhatItFound) {
  EXPECT_THAT(parse_error({}), StartsWith("x.idx: size = 0 bytes"));
  EXPECT_THAT(parse_error({0, 0, 8}), HasSubstr("size = 3 bytes"));
  EXPECT_THAT(parse_error({'P', 'K', 3, 4, 0, 0, 0, 0}), HasSubstr("first bytes = 50 4b 03 04"));
  // 0d is the type of 32-bit floats.
  EXPECT_THAT(parse_error({0, 0, 0x0d, 1, 0, 0, 0, 1, 0}), HasSubstr("first bytes = 00 00 0d 01"));
  EXPECT_THAT(parse_error({0, 0, 8, 0}), HasSubstr("first bytes = 00 00 08 00"));
}

TEST(Idx, RefusesAHeaderThatIsCutOff) {
  EXPECT_EQ(parse_error({0, 0, 8, 3, 0, 0, 0, 2}),
            "x.idx: size = 8 bytes: the header of 3 dimensions alone has 16");
}

TEST(Idx, RefusesAnyOtherSizeThanTheHeaderSays) {
  auto bytes = kImages;
  bytes.pop_back();
  EXPECT_EQ(parse_error(bytes),
            "x.idx: size = 27 bytes: 16 bytes of header and 2×2×3 values expected");
  bytes = kImages;
  bytes.push_back(0);
  EXPECT_THAT(parse_error(bytes), HasSubstr("size = 29 bytes"));
}

TEST(Idx, RefusesLengthsWhoseProductOverflows) {
  // 2³² values of 2³² bytes: the product is 0 in 64 bits.
  EXPECT_THAT(parse_error(idx({1U << 31, 1U << 31, 4}, {})),
              HasSubstr("2147483648×2147483648×4 values"));
  EXPECT_THAT(parse_error(idx({0xffffffffU}, {1})), HasSubstr("4294967295 values"));
}

TEST(Idx, RefusesAnEmptyDimension) {
  EXPECT_THAT(parse_error(idx({0}, {})), HasSubstr("dimension 0 = 0"));
  EXPECT_THAT(parse_error(idx({3, 0, 2}, {})), HasSubstr("dimension 1 = 0"));
}

TEST(Idx, PairsImagesWithLabels) {
  const Samples samples = parse_idx_samples({kImages, "i.idx"}, {kLabels, "l.idx"}, {});
  EXPECT_EQ(samples.shape, (Shape{.height = 2, .width = 3, .channels = 1}));
  EXPECT_THAT(samples.labels, ElementsAre(0, 2));
  EXPECT_THAT(samples.image(1), ElementsAre(7, 8, 9, 10, 11, 255));
}

TEST(Idx, NamesTheFileThatDoesNotFit) {
  EXPECT_EQ(samples_error(kImages, idx({3}, {0, 1, 2})),
            "l.idx: labels = 3: 2 expected, as many as i.idx has images");
  EXPECT_THAT(samples_error(kLabels, kLabels), StartsWith("i.idx: dimensions = 1: 3 expected"));
  EXPECT_THAT(samples_error(kImages, kImages), StartsWith("l.idx: dimensions = 3: 1 expected"));
  EXPECT_EQ(samples_error(kImages, kLabels, {.shape = {}, .classes = 2}),
            "l.idx: label 1 = 2: must be below 2, the number of classes");
  EXPECT_EQ(samples_error(kImages, kLabels, {.shape = Shape{28, 28, 1}, .classes = {}}),
            "i.idx: image = 2x3x1: 28x28x1 expected");
}

TEST(Idx, RefusesASideThatNoImageHas) {
  EXPECT_THAT(samples_error(idx({1, 1, 65537}, fixtures::ByteVector(65537)), idx({1}, {0})),
              StartsWith("i.idx: image = 1×65537"));
}

TEST(Idx, ReadsAFolderPlainOrGzippedUnderEitherSpelling) {
  const TemporaryFolder folder;
  EXPECT_FALSE(recognises_idx(folder.path()));
  folder.write("train-images-idx3-ubyte", kImages);
  folder.write("train-labels.idx1-ubyte.gz", gzip(kLabels));
  ASSERT_TRUE(recognises_idx(folder.path()));
  const RawDataset without_test = read_idx(folder.path(), {}, {});
  EXPECT_EQ(without_test.train, parse_idx_samples({kImages, ""}, {kLabels, ""}, {}));
  EXPECT_TRUE(without_test.test.empty());
  EXPECT_THAT(without_test.class_names, ElementsAre("0", "1", "2"));

  folder.write("t10k-images-idx3-ubyte.gz", gzip(idx({1, 2, 3}, {6, 5, 4, 3, 2, 1})));
  folder.write("t10k-labels-idx1-ubyte", idx({1}, {1}));
  const RawDataset with_test = read_idx(folder.path(), {}, {});
  EXPECT_THAT(with_test.test.labels, ElementsAre(1));
  EXPECT_THAT(with_test.test.pixels, ElementsAre(6, 5, 4, 3, 2, 1));
}

TEST(Idx, NamesTheMissingHalfOfAPair) {
  const TemporaryFolder folder;
  folder.write("train-labels-idx1-ubyte", kLabels);
  EXPECT_THAT(error_of<DataError>([&] { read_idx(folder.path(), {}, {}); }),
              HasSubstr("train-images-idx3-ubyte[.gz]: not there"));
  folder.write("train-images-idx3-ubyte", kImages);
  folder.write("t10k-images-idx3-ubyte", kImages);
  EXPECT_THAT(error_of<DataError>([&] { read_idx(folder.path(), {}, {}); }),
              HasSubstr("t10k-labels-idx1-ubyte[.gz]: not there"));
}

TEST(Idx, RefusesATestSplitThatIsOfAnotherKindThanTheTraining) {
  const TemporaryFolder folder;
  folder.write("train-images-idx3-ubyte", kImages);
  folder.write("train-labels-idx1-ubyte", kLabels);
  folder.write("t10k-images-idx3-ubyte", idx({1, 1, 1}, {0}));
  folder.write("t10k-labels-idx1-ubyte", idx({1}, {0}));
  EXPECT_THAT(error_of<DataError>([&] { read_idx(folder.path(), {}, {}); }),
              HasSubstr("t10k-images-idx3-ubyte: image = 1x1x1: 2x3x1 expected"));
  folder.write("t10k-images-idx3-ubyte", kImages);
  folder.write("t10k-labels-idx1-ubyte", idx({2}, {1, 3}));
  EXPECT_THAT(error_of<DataError>([&] { read_idx(folder.path(), {}, {}); }),
              HasSubstr("t10k-labels-idx1-ubyte: label 1 = 3: must be below 3"));
}

}  // namespace
}  // namespace thimble
