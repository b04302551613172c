#include "thimble/readers/image_set.hpp"

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/readers/manifest.hpp"

namespace thimble {
namespace {

using fixtures::bmp;
using fixtures::bytes;
using fixtures::ByteVector;
using fixtures::error_of;
using fixtures::pgm;
using fixtures::png;
using fixtures::TemporaryFolder;
using fixtures::wav;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ImageFolder, ReadsAClassAFolderInTheOrderOfNames) {
  const TemporaryFolder folder;
  folder.write("dog/b.png", png(1, 2, 1, {1, 2}));
  folder.write("cat/deeper/a.PGM", pgm(1, 2, {3, 4}));
  folder.write("cat/notes.txt", bytes("x"));
  folder.write(".hidden/c.png", png(1, 2, 1, {5, 6}));
  const RawDataset set = read_image_folder(folder.path(), {});
  EXPECT_THAT(set.class_names, ElementsAre("cat", "dog"));
  EXPECT_THAT(set.train.pixels, ElementsAre(3, 4, 1, 2));
  EXPECT_THAT(set.train.labels, ElementsAre(0, 1));
  EXPECT_THAT(set.train.names, ElementsAre("cat/deeper/a.PGM", "dog/b.png"));
  EXPECT_THAT(set.findings.notes, ElementsAre("1 files of other kinds were left out"));
}

TEST(ImageFolder, ReadsNumberedClassesInTheOrderOfTheirNumbers) {
  const TemporaryFolder folder;
  for (const char* name : {"10", "9"}) folder.write(name + std::string("/a.pgm"), pgm(1, 1, {1}));
  EXPECT_THAT(read_image_folder(folder.path(), {}).class_names, ElementsAre("9", "10"));
}

TEST(ImageFolder, KeepsSplitsThatAreFolders) {
  const TemporaryFolder folder;
  folder.write("train/a/1.pgm", pgm(1, 1, {1}));
  folder.write("train/b/2.pgm", pgm(1, 1, {2}));
  folder.write("val/b/3.pgm", pgm(1, 1, {3}));
  folder.write("test/a/4.pgm", pgm(1, 1, {4}));
  const RawDataset set = read_image_folder(folder.path(), {});
  EXPECT_THAT(set.train.pixels, ElementsAre(1, 2));
  EXPECT_THAT(set.validation.pixels, ElementsAre(3));
  EXPECT_THAT(set.test.pixels, ElementsAre(4));
  EXPECT_THAT(set.validation.labels, ElementsAre(1));
}

TEST(ImageFolder, ResizesAndMakesGreyOrColour) {
  const TemporaryFolder folder;
  folder.write("a/1.pgm", pgm(2, 2, {0, 10, 20, 30}));
  folder.write("b/2.png", png(1, 1, 3, {255, 0, 0}));
  EXPECT_THAT(error_of<DataError>([&] { read_image_folder(folder.path(), {}); }),
              HasSubstr("images = 2 sizes, 1x1 to 2x2: say which to resize them to"));
  ReadOptions options{.image_size = Extent{.height = 1, .width = 1}};
  RawDataset set = read_image_folder(folder.path(), options);
  EXPECT_EQ(set.train.shape, (Shape{.height = 1, .width = 1, .channels = 3}));
  EXPECT_THAT(set.train.pixels, ElementsAre(15, 15, 15, 255, 0, 0));
  options.colour = Colour::kGrey;
  EXPECT_THAT(read_image_folder(folder.path(), options).train.pixels, ElementsAre(15, 76));
}

TEST(LabelledImages, FindEachImageByItsNumber) {
  const TemporaryFolder folder;
  folder.write("trainResized/1.Bmp", bmp(1, 1, {1, 2, 3}));
  folder.write("trainResized/2.Bmp", bmp(1, 1, {4, 5, 6}));
  folder.write("trainResized/9.Bmp", bmp(1, 1, {7, 8, 9}));
  folder.write("trainLabels.csv", bytes("ID,Class\n1,b\n2,a\n3,a\n"));
  const RawDataset set = read_labelled_images(folder.path(), {});
  EXPECT_THAT(set.class_names, ElementsAre("a", "b"));
  EXPECT_THAT(set.train.pixels, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(set.train.labels, ElementsAre(1, 0));
  EXPECT_THAT(set.findings.broken_files, ElementsAre(HasSubstr("trainLabels.csv:4: image 3: not")));
  EXPECT_THAT(set.findings.notes, ElementsAre("1 images have no label and were left out"));
  folder.write("trainLabels.csv", bytes("ID,Class\n1,\n"));
  EXPECT_THAT(error_of<DataError>([&] { read_labelled_images(folder.path(), {}); }),
              HasSubstr("trainLabels.csv:2: label is missing"));
}

TEST(Manifest, SaysPathLabelSplitAndGroup) {
  const TemporaryFolder folder;
  for (const int i : {1, 2, 3}) {
    folder.write(fmt::format("x/{}.pgm", i), pgm(1, 1, {static_cast<std::uint8_t>(i)}));
  }
  const std::string list =
      "{\"path\": \"x/1.pgm\", \"label\": 10, \"group\": \"ann\"}\n\n"
      "{\"path\": \"x/2.pgm\", \"label\": 9}\n"
      "{\"path\": \"x/3.pgm\", \"label\": 9, \"split\": \"test\"}\n";
  folder.write("manifest.jsonl", bytes(list));
  const RawDataset set = read_manifest(folder.path(), {});
  EXPECT_THAT(set.class_names, ElementsAre("9", "10"));
  EXPECT_THAT(set.train.pixels, ElementsAre(1, 2));
  EXPECT_THAT(set.train.labels, ElementsAre(1, 0));
  EXPECT_THAT(set.groups, ElementsAre(0, 1));
  EXPECT_THAT(set.test.pixels, ElementsAre(3));
}

TEST(Manifest, SaysWhichSamplesAreAnomalous) {
  const TemporaryFolder folder;
  folder.write("1.pgm", pgm(1, 1, {1}));
  folder.write("2.pgm", pgm(1, 1, {2}));
  const auto read = [&](const std::string& first, const std::string& second) {
    const std::string list = "{\"path\": \"1.pgm\", \"label\": 0" + first +
                             "}\n{\"path\": \"2.pgm\", \"label\": 0" + second + "}\n";
    return read_manifest(folder.write("a.jsonl", bytes(list)), {});
  };
  EXPECT_THAT(read("", ", \"anomalous\": true").train.anomalous, ElementsAre(0, 1));
  EXPECT_THAT(read(", \"anomalous\": false", "").train.anomalous, ElementsAre(0, 0));
  EXPECT_THAT(read("", "").train.anomalous, testing::IsEmpty());
  EXPECT_THAT(error_of<DataError>([&] { read("", ", \"anomalous\": 1"); }),
              HasSubstr("a.jsonl:2: anomalous = 1"));
}

TEST(Manifest, ComplainsWithTheLine) {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& text) {
    return error_of<DataError>([&] { read_manifest(folder.write("a.jsonl", bytes(text)), {}); });
  };
  EXPECT_THAT(error("{\"path\": \"a.png\"}\n"), HasSubstr("a.jsonl:1: "));
  EXPECT_THAT(error("\n{\"path\": 3, \"label\": 1}\n"), HasSubstr("a.jsonl:2: path"));
  EXPECT_THAT(error("{\"path\": \"a\", \"label\": 1, \"splt\": 2}"), HasSubstr("split"));
  EXPECT_THAT(error("{\"path\": \"a\", \"label\": 1, \"split\": \"some\"}"),
              HasSubstr("split = some: must be train, validation or test"));
  EXPECT_THAT(error("{\"path\": \"a\", "), HasSubstr("a.jsonl:1"));
  EXPECT_THAT(error("{\"path\": \"a.png\", \"label\": 1}\n{\"path\": \"a.wav\", \"label\": 1}"),
              HasSubstr("all of one kind"));
}

TEST(Chars74k, HasItsSixtyTwoClasses) {
  const auto folder = data_folder() / "chars74k-20x20";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not on this machine";
  const RawDataset set = read_labelled_images(folder, {.strict = true});
  EXPECT_EQ(set.train.size(), 6283);
  EXPECT_EQ(set.class_names.size(), 62);
  EXPECT_EQ(set.class_names.front(), "0");
  EXPECT_EQ(set.class_names.back(), "z");
  EXPECT_EQ(set.train.shape, (Shape{.height = 20, .width = 20, .channels = 3}));
}

}  // namespace
}  // namespace thimble
