#include "thimble/readers/coco_set.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/json.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/files/coco_annotations.hpp"

namespace thimble {
namespace {

using fixtures::bytes;
using fixtures::ByteVector;
using fixtures::error_of;
using fixtures::pgm;
using fixtures::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr int kPerson = 1;
constexpr int kDog = 18;

Json picture(int id, const std::string& file, int width = 100, int height = 80) {
  return {{"license", 3}, {"id", id}, {"file_name", file}, {"height", height}, {"width", width}};
}

Json object(int image, int category, double area) {
  return {{"segmentation", {{1, 2, 3, 4}, {5, 6}}},
          {"area", area},
          {"iscrowd", 0},
          {"image_id", image},
          {"bbox", {10, 20, 30, 40}},
          {"category_id", category},
          {"id", 900'000'000'000 + image}};
}

Json document(const std::vector<Json>& images, const std::vector<Json>& objects) {
  return {{"info", {{"year", 2017}, {"images", "none here"}}},
          {"images", images},
          {"annotations", objects},
          {"categories",
           {{{"supercategory", "person"}, {"id", kPerson}, {"name", "person"}},
            {{"supercategory", "animal"}, {"id", kDog}, {"name", "dog"}}}}};
}

void write_annotations(const TemporaryFolder& folder, const std::string& name,
                       const Json& document) {
  folder.write("annotations/instances_" + name + ".json", bytes(document.dump()));
}

/// An image of one pixel, whose value tells it from the others.
void write_image(const TemporaryFolder& folder, const std::string& name, int value) {
  folder.write(name, pgm(1, 1, {static_cast<std::uint8_t>(value)}));
}

/// What became of each image, by its value.
std::map<int, std::int32_t> labels(const Samples& part) {
  std::map<int, std::int32_t> found;
  for (std::size_t i = 0; i < part.size(); ++i) found[part.image(i)[0]] = part.labels[i];
  return found;
}

CocoAnnotations parse(const std::string& text) {
  std::istringstream in(text);
  return parse_coco(in, "file");
}

std::string error(const std::string& text) {
  return error_of<DataError>([&] { parse(text); });
}

TEST(VisualWakeWords, IsWhetherAPersonCoversMoreThanHalfAPercent) {
  const TemporaryFolder folder;
  std::vector<Json> images;
  for (int id = 1; id <= 6; ++id) {
    images.push_back(picture(id, std::to_string(id) + ".pgm"));
    write_image(folder, "train2017/" + std::to_string(id) + ".pgm", id);
  }
  // Half a percent of 100×80 pixels is 40.
  write_annotations(
      folder, "train2017",
      document(images, {object(1, kPerson, 40.5), object(2, kPerson, 40), object(3, kDog, 4000),
                        object(4, kPerson, 3), object(4, kDog, 500), object(4, kPerson, 70),
                        object(5, kPerson, 1)}));
  const RawDataset set = read_coco(folder.path(), {});
  EXPECT_THAT(set.class_names, ElementsAre("not person", "person"));
  EXPECT_EQ(labels(set.train),
            (std::map<int, std::int32_t>{{1, 1}, {2, 0}, {3, 0}, {4, 1}, {5, 0}, {6, 0}}));
  EXPECT_TRUE(set.test.empty());
  EXPECT_EQ(set.findings.broken, 0);
  EXPECT_THAT(set.findings.notes, ElementsAre(HasSubstr("2 images have no person but such")));
}

TEST(VisualWakeWords, TestsWithTheImagesOfVal) {
  const TemporaryFolder folder;
  for (const int value : {1, 2, 3}) {
    const std::string name = std::to_string(value) + ".pgm";
    write_image(folder, (value == 3 ? "val2014/" : "train2014/") + name, value);
  }
  write_annotations(folder, "train2014",
                    document({picture(1, "1.pgm"), picture(2, "2.pgm")}, {object(1, 1, 100)}));
  write_annotations(folder, "val2014", document({picture(3, "3.pgm")}, {object(3, 1, 100)}));
  folder.write("annotations/captions_train2014.json", bytes("{}"));
  const RawDataset set = read_coco(folder.path(), {});
  EXPECT_EQ(labels(set.train), (std::map<int, std::int32_t>{{1, 1}, {2, 0}}));
  EXPECT_EQ(labels(set.test), (std::map<int, std::int32_t>{{3, 1}}));
  write_annotations(folder, "train2017", document({}, {}));
  EXPECT_THAT(error_of<DataError>([&] { read_coco(folder.path(), {}); }),
              HasSubstr("instances_train2014 and instances_train2017: one of train expected"));
}

TEST(VisualWakeWords, HonoursTheAuthorsListOfTestImages) {
  const TemporaryFolder folder;
  for (const int value : {1, 2, 3, 4}) {
    const std::string name = std::to_string(value) + ".pgm";
    write_image(folder, (value > 2 ? "val2014/" : "train2014/") + name, value);
  }
  write_annotations(folder, "train2014",
                    document({picture(1, "1.pgm"), picture(2, "2.pgm")}, {object(1, 1, 100)}));
  write_annotations(folder, "val2014",
                    document({picture(3, "3.pgm"), picture(4, "4.pgm")}, {object(3, 1, 100)}));
  folder.write("mscoco_minival_ids.txt", bytes("4\r\n\n"));
  RawDataset set = read_coco(folder.path(), {});
  EXPECT_EQ(labels(set.train), (std::map<int, std::int32_t>{{1, 1}, {2, 0}, {3, 1}}));
  EXPECT_EQ(labels(set.test), (std::map<int, std::int32_t>{{4, 0}}));
  folder.write("mscoco_minival_ids.txt", bytes("four\n"));
  EXPECT_THAT(error_of<DataError>([&] { read_coco(folder.path(), {}); }),
              HasSubstr("mscoco_minival_ids.txt:1: four: the number of an image expected"));
  std::filesystem::remove(folder.path() / "mscoco_minival_ids.txt");
  // The same division as files of their own, whose images lie wherever they lie.
  write_annotations(folder, "maxitrain",
                    document({picture(1, "1.pgm"), picture(3, "3.pgm")}, {object(1, 1, 100)}));
  write_annotations(folder, "minival", document({picture(2, "2.pgm")}, {object(2, 1, 100)}));
  set = read_coco(folder.path(), {});
  EXPECT_EQ(labels(set.train), (std::map<int, std::int32_t>{{1, 1}, {3, 0}}));
  EXPECT_EQ(labels(set.test), (std::map<int, std::int32_t>{{2, 1}}));
}

TEST(VisualWakeWords, TakesTheBoxWhereNoAreaIsSaid) {
  const CocoAnnotations found =
      parse(R"({"annotations": [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3.5, 4]}]})");
  ASSERT_EQ(found.objects.size(), 1);
  EXPECT_EQ(found.objects[0].area, 14);
}

TEST(VisualWakeWords, CountsWhatCannotBeRight) {
  const TemporaryFolder folder;
  for (int value = 1; value <= 40; ++value) {
    write_image(folder, fmt::format("val2017/{}.pgm", value), value);
  }
  std::vector<Json> images;
  std::vector<Json> objects;
  for (int id = 1; id <= 40; ++id) {
    images.push_back(picture(id, std::to_string(id) + ".pgm"));
    if (id % 2 == 0) objects.push_back(object(id, kPerson, 4000));
  }
  images.push_back(picture(41, "41.pgm"));  // is not there
  images.push_back(picture(1, "2.pgm"));
  objects.push_back(object(1, kPerson, 8001));
  objects.push_back(object(99, kPerson, 4000));
  Json outside = object(3, kPerson, 4000);
  outside["bbox"] = {100, 20, 5, 5};
  objects.push_back(outside);
  write_annotations(folder, "val2017", document(images, objects));
  const Dataset set = load_dataset(folder.path().string());
  EXPECT_EQ(set.train.size() + set.validation.size() + set.test.size(), 40);
  EXPECT_EQ(set.findings.broken, 5);
  EXPECT_THAT(set.findings.broken_files,
              UnorderedElementsAre(HasSubstr("image 41.pgm: not there"),
                                   HasSubstr("image 1: is there twice"),
                                   HasSubstr("image 1: lies outside of it, or is larger"),
                                   HasSubstr("image 99: there is no such image"),
                                   HasSubstr("image 3: lies outside of it, or is larger")));
  for (const Samples* part : {&set.train, &set.validation, &set.test}) {
    for (const auto& [value, label] : labels(*part)) EXPECT_EQ(label, value % 2 == 0) << value;
  }
  EXPECT_THAT(error_of<DataError>(
                  [&] { load_dataset(folder.path().string(), {.read = {.strict = true}}); }),
              HasSubstr("is there twice"));
}

TEST(CocoAnnotations, RefuseWhatIsDamaged) {
  const std::string whole = document({picture(1, "1.jpg")}, {object(1, 1, 100)}).dump();
  EXPECT_EQ(parse(whole).images.size(), 1);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(error(whole.substr(0, size)), HasSubstr("file: byte "));
  }
  EXPECT_THAT(error("[]"), HasSubstr("file: is a list: an object with images expected"));
  EXPECT_THAT(error("7"), HasSubstr("file: an object with images expected"));
  EXPECT_EQ(error(R"({"images": {"id": 1}})"), "file: images: must be a list");
  EXPECT_EQ(error(R"({"images": 3})"), "file: images: must be a list");
  EXPECT_EQ(error(R"({"images": [3]})"), "file: images[0]: must be an object");
  const auto image = [](const std::string& fields) {
    return error(R"({"images": [{"id": 1, "width": 9, "height": 9, "file_name": "a"}, {)" + fields +
                 "}]}");
  };
  EXPECT_EQ(image(R"("id": 1, "width": 9, "height": 9)"),
            "file: images[1].file_name: the name of a file expected");
  EXPECT_EQ(image(R"("width": 9, "height": 9, "file_name": "a")"),
            "file: images[1].id: a whole number expected");
  EXPECT_EQ(image(R"("id": 1.5, "width": 9, "height": 9, "file_name": "a")"),
            "file: images[1].id: a whole number expected");
  EXPECT_EQ(image(R"("id": 1, "width": 0, "height": 9, "file_name": "a")"),
            "file: images[1].width = 0: 1 to 65536 pixels expected");
  EXPECT_EQ(image(R"("id": 1, "width": 9, "height": 9, "file_name": "../a\n")"),
            "file: images[1].file_name = ../a\\n: the name of a file without folders expected");
  const auto annotation = [](const std::string& fields) {
    return error(R"({"annotations": [{"image_id": 1, "category_id": 1)" + fields + "}]}");
  };
  EXPECT_EQ(annotation(""), "file: annotations[0].area: a number expected, or a bbox");
  EXPECT_EQ(annotation(R"(, "area": -1)"), "file: annotations[0].area: must not be negative");
  EXPECT_EQ(annotation(R"(, "bbox": [1, 2, 3])"),
            "file: annotations[0].bbox: 4 numbers expected: x, y, width, height");
  EXPECT_EQ(annotation(R"(, "bbox": [1, 2, -3, -4])"),
            "file: annotations[0].bbox: must not be negative");
  EXPECT_THAT(annotation(R"(, "area": 1e999)"), HasSubstr("file: byte "));
  EXPECT_THAT(error(std::string(100'000, '[')), HasSubstr("file: "));
}

TEST(CocoAnnotations, MustKnowPersons) {
  const TemporaryFolder folder;
  Json document = thimble::document({picture(1, "1.pgm")}, {object(1, 1, 100)});
  document["categories"].erase(0);
  write_annotations(folder, "train2017", document);
  EXPECT_THAT(error_of<DataError>([&] { read_coco(folder.path(), {}); }),
              HasSubstr("instances_train2017.json: categories: person is missing"));
}

}  // namespace
}  // namespace thimble
