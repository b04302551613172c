#include "thimble/readers/array_set.hpp"

#include <cstring>

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/files/npy.hpp"
#include "thimble/files/zip.hpp"

namespace thimble {
namespace {

using fixtures::ByteVector;
using fixtures::error_of;
using fixtures::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

template <class T>
ByteVector npy(const std::string& type, std::vector<std::int64_t> shape, std::vector<T> values) {
  ByteVector bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return write_npy({.type = type, .shape = std::move(shape), .bytes = std::move(bytes)});
}

ByteVector floats(std::vector<std::int64_t> shape, std::vector<float> values) {
  return npy("f4", std::move(shape), std::move(values));
}

ByteVector labels(std::vector<std::int64_t> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return npy("i8", {count}, std::move(values));
}

RawDataset read(const std::vector<std::pair<std::string, ByteVector>>& arrays,
                const ReadOptions& options = {}) {
  const TemporaryFolder folder;
  return read_npz(folder.write("a.npz", fixtures::zip(arrays)), options);
}

TEST(Arrays, AreSamplesLabelsAndGroupsByTheirNames) {
  const RawDataset set = read({{"X_train.npy", floats({2, 3}, {1, 2, 3, 4, 5, 6})},
                               {"y_train.npy", labels({7, 3})},
                               {"groups_train.npy", labels({50, 50})},
                               {"test_x.npy", floats({1, 3}, {7, 8, 9})},
                               {"test_labels.npy", labels({3})},
                               {"weights.npy", labels({1})}});
  EXPECT_EQ(set.train.shape, (Shape{.height = 1, .width = 1, .channels = 3}));
  EXPECT_THAT(set.train.values, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(set.class_names, ElementsAre("3", "7"));
  EXPECT_THAT(set.train.labels, ElementsAre(1, 0));
  EXPECT_THAT(set.test.labels, ElementsAre(0));
  EXPECT_THAT(set.groups, ElementsAre(0, 0));
  EXPECT_THAT(set.findings.notes, ElementsAre(HasSubstr("weights.npy: left out")));
}

TEST(Arrays, HaveTheShapeThatTheirDimensionsMean) {
  const auto shape = [](const ByteVector& x, const ReadOptions& options = {}) {
    return read({{"arr_0.npy", x}, {"arr_1.npy", labels({1})}}, options).train.shape;
  };
  EXPECT_EQ(shape(floats({1, 4, 2}, std::vector<float>(8))), (Shape{1, 4, 2}));
  EXPECT_EQ(shape(npy<std::uint8_t>("u1", {1, 4, 2}, std::vector<std::uint8_t>(8))),
            (Shape{4, 2, 1}));
  EXPECT_EQ(shape(floats({1, 4, 2, 1}, std::vector<float>(8))), (Shape{4, 2, 1}));
  EXPECT_EQ(shape(floats({1, 8}, std::vector<float>(8)), {.shape = Shape{2, 2, 2}}),
            (Shape{2, 2, 2}));
}

TEST(Arrays, OfBytesArePixels) {
  const RawDataset set = read({{"x.npy", npy<std::uint8_t>("u1", {2, 1, 1}, {9, 255})},
                               {"y.npy", npy<std::uint8_t>("b1", {2}, {0, 1})}});
  EXPECT_THAT(set.train.pixels, ElementsAre(9, 255));
  EXPECT_THAT(set.class_names, ElementsAre("0", "1"));
}

TEST(Arrays, AreReadFromAFolderToo) {
  const TemporaryFolder folder;
  folder.write("features.npy", npy<std::int16_t>("i2", {2, 1}, {-5, 6}));
  folder.write("labels.npy", labels({0, 1}));
  ASSERT_TRUE(recognises_npy_folder(folder.path()));
  EXPECT_THAT(read_npy_folder(folder.path(), {}).train.values, ElementsAre(-5, 6));
}

TEST(Arrays, ThatDoNotFitAreRefusedByName) {
  const auto error = [](const std::vector<std::pair<std::string, ByteVector>>& arrays) {
    return error_of<DataError>([&] { read(arrays); });
  };
  const ByteVector x = floats({2, 1}, {1, 2});
  EXPECT_THAT(error({{"x.npy", x}}), HasSubstr("labels are missing: an array y expected"));
  EXPECT_THAT(error({{"y.npy", labels({1})}}), HasSubstr("samples are missing"));
  EXPECT_THAT(error({{"x.npy", x}, {"y.npy", labels({1})}}),
              HasSubstr("y.npy: rows = 1: 2 expected"));
  EXPECT_THAT(error({{"x.npy", x}, {"y.npy", floats({2}, {0, 1})}}),
              HasSubstr("y.npy: type = f4: whole numbers expected"));
  EXPECT_THAT(error({{"x.npy", floats({2, 1}, {1, std::nanf("")})}, {"y.npy", labels({0, 1})}}),
              HasSubstr("x.npy: sample 1, value 0 = nan: a finite number expected"));
  EXPECT_THAT(error({{"x.npy", x}, {"data.npy", x}, {"y.npy", labels({0, 1})}}),
              HasSubstr("means the same as"));
  EXPECT_THAT(error({{"x.npy", x},
                     {"y.npy", labels({0, 1})},
                     {"x_test.npy", floats({1, 2}, {1, 2})},
                     {"y_test.npy", labels({0})}}),
              HasSubstr("sample = 1x1x2 of f4: 1x1x1 expected"));
  EXPECT_THAT(
      error({{"x.npy", npy<std::uint16_t>("f2", {2, 1}, {1, 2})}, {"y.npy", labels({0, 1})}}),
      HasSubstr("type = f2"));
}

TEST(Zip, RefusesWhatIsCutOffOrDamagedAnywhere) {
  const ByteVector good = fixtures::zip({{"a", {1, 2, 3, 4}}, {"b", {5}}});
  ASSERT_EQ(read_zip(good, "a").size(), 2);
  for (std::size_t size = 0; size < good.size(); ++size) {
    error_of<DataError>([&] { read_zip(std::span(good).first(size), "z"); });
  }
  ByteVector bad = good;
  bad[31] ^= 1;  // the first file's first byte: 30 of header, 1 of name
  EXPECT_EQ(error_of<DataError>([&] { read_zip(bad, "z"); }), "z: a: is damaged: CRC error");
}

TEST(Zip, RefusesASizeThatNoPackingCanGive) {
  ByteVector bomb = fixtures::zip({{"a", {1, 2, 3, 4}}});
  // The directory's entry begins behind the file: 30 + 1 + 4 bytes; method at 10, size at 24.
  bomb[35 + 10] = 8;
  bomb[35 + 27] = 0x70;
  EXPECT_THAT(error_of<DataError>([&] { read_zip(bomb, "z"); }), HasSubstr("cannot come out of 4"));
  bomb[35 + 23] = 0x70;  // more than the whole archive is packed bytes
  EXPECT_THAT(error_of<DataError>([&] { read_zip(bomb, "z"); }),
              HasSubstr(fmt::format("cannot come out of {}", bomb.size())));
}

}  // namespace
}  // namespace thimble
