#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/samples/augmentation_choice.hpp"
#include "thimble/samples/batch.hpp"

namespace thimble {
namespace {

const DatasetInfo& info_of(const std::string& name) {
  static const std::vector<DatasetInfo> all = known_datasets();
  const auto found = std::ranges::find(all, name, &DatasetInfo::name);
  if (found == all.end()) throw std::logic_error("no set " + name);
  return *found;
}

/// Loaded once for all tests of this file, with the default options.
const Dataset& loaded(const std::string& name) {
  static std::map<std::string, Dataset> sets;
  const auto found = sets.find(name);
  return found != sets.end() ? found->second : sets.emplace(name, load_dataset(name)).first->second;
}

#define SKIP_UNLESS_PRESENT(name) \
  if (!info_of(name).found)       \
  GTEST_SKIP() << name << " is not on this machine: " << info_of(name).how_to_get

std::vector<int> class_sizes(const Samples& samples, int classes) {
  std::vector<int> sizes(static_cast<std::size_t>(classes));
  for (const std::int32_t label : samples.labels) ++sizes.at(static_cast<std::size_t>(label));
  return sizes;
}

TEST(KnownDatasets, AreListedByNameWithAllThatOneMayAsk) {
  const auto infos = known_datasets();
  EXPECT_TRUE(std::ranges::is_sorted(infos, {}, &DatasetInfo::name));
  std::vector<std::string> names;
  for (const DatasetInfo& info : infos) {
    names.push_back(info.name);
    EXPECT_FALSE(info.summary.empty() || info.how_to_get.empty() || info.licence.empty());
    EXPECT_FALSE(info.folders.empty() || info.home.empty());
    EXPECT_GE(info.classes, 2);
    EXPECT_GT(info.shape.elements(), 0);
    EXPECT_EQ(info.classes == 2,
              info.name.ends_with("-binary") || info.name == "visual-wake-words");
  }
  EXPECT_THAT(names, testing::IsSupersetOf(
                         {"chars74k", "cifar-10", "cifar-10-binary", "dcase2020-slider",
                          "dcase2020-toycar", "digits", "fashion-mnist", "har", "mit-bih", "mnist",
                          "mnist-binary", "speech-commands", "visual-wake-words"}));
}

TEST(KnownDatasets, AreReadAsTheFieldReadsThemUnlessTheOptionsSayOtherwise) {
  const fixtures::TemporaryFolder folder;
  const fixtures::Environment environment("THIMBLE_DATA", folder.path().string());
  std::string images;
  for (int id = 1; id <= 40; ++id) {
    folder.write(fmt::format("coco/train2017/{}.pgm", id),
                 fixtures::pgm(2, 3, fixtures::ByteVector(6, static_cast<std::uint8_t>(id))));
    images += fmt::format(R"({}{{"id": {}, "width": 3, "height": 2, "file_name": "{}.pgm"}})",
                          id > 1 ? "," : "", id, id);
  }
  std::string persons;
  for (int id = 1; id <= 20; ++id) {
    persons +=
        fmt::format(R"({}{{"image_id": {}, "category_id": 1, "area": 5}})", id > 1 ? "," : "", id);
  }
  folder.write("coco/annotations/instances_train2017.json",
               fixtures::bytes("{\"images\": [" + images + "], \"annotations\": [" + persons +
                               R"(], "categories": [{"id": 1, "name": "person"}]})"));
  const Dataset usual = load_dataset("visual-wake-words");
  EXPECT_EQ(usual.name, "visual-wake-words");
  EXPECT_EQ(usual.kind, "coco");
  EXPECT_EQ(usual.shape(), (Shape{.height = 96, .width = 96, .channels = 3}));
  EXPECT_THAT(usual.class_names, testing::ElementsAre("not person", "person"));
  EXPECT_TRUE(usual.augmentation.flip_horizontal);
  EXPECT_EQ(usual.train.size(), 30);
  const Extent size{.height = 50, .width = 50};
  const Dataset small =
      load_dataset("visual-wake-words", {.read = {.image_size = size, .colour = Colour::kGrey}});
  EXPECT_EQ(small.shape(), (Shape{.height = 50, .width = 50, .channels = 1}));
  EXPECT_EQ(small.train.labels, usual.train.labels);
}

TEST(KnownDatasets, OfAnotherSizeAreRefused) {
  const fixtures::TemporaryFolder folder;
  const fixtures::Environment environment("THIMBLE_DATA", folder.path().string());
  folder.write("chars74k/English/Img/GoodImg/Bmp/Sample001/img001-00001.png",
               fixtures::png(2, 2, 3, fixtures::ByteVector(12, 9)));
  folder.write("chars74k/English/Img/GoodImg/Bmp/Sample002/img002-00001.png", fixtures::bytes("x"));
  EXPECT_THAT(fixtures::error_of<DataError>([] { load_dataset("chars74k"); }),
              testing::AllOf(testing::HasSubstr("samples = 1 for training and 0 for testing: 7705 "
                                                "and 0 expected of chars74k; broken: "),
                             testing::HasSubstr("img002-00001.png")));
  EXPECT_THAT(fixtures::error_of<DataError>([] { load_dataset("har"); }),
              testing::HasSubstr("thimble datasets har says all"));
}

TEST(Chars74k, IsSplitAsMicroNas) {
  const fixtures::TemporaryFolder folder;
  const fixtures::Environment environment("THIMBLE_DATA", folder.path().string());
  // As many images as the set has, in 62 classes: 17 classes have one more than the others.
  const auto image = folder.write("image.pgm", fixtures::pgm(1, 1, {7}));
  for (int i = 0; i < 7705; ++i) {
    const auto place = folder.path() / fmt::format("chars74k/Sample{:03}", i % 62 + 1);
    std::filesystem::create_directories(place);
    std::filesystem::create_hard_link(image, place / fmt::format("{}.pgm", i));
  }
  const Dataset set = load_dataset("chars74k-binary");
  EXPECT_EQ(set.shape(), (Shape{.height = 32, .width = 32, .channels = 3}));
  // Each class is divided to within one sample of its share.
  EXPECT_NEAR(static_cast<double>(set.train.size()), 5000, 62);
  EXPECT_NEAR(static_cast<double>(set.validation.size()), 705, 62);
  EXPECT_NEAR(static_cast<double>(set.test.size()), 2000, 62);
  EXPECT_EQ(set.classes, 2);
  EXPECT_TRUE(set.class_names[1].starts_with("0 | 1 | 2"));
  EXPECT_TRUE(set.class_names[1].ends_with("T | U"));
  const auto ones = std::ranges::count(set.test.labels, 1);
  EXPECT_NEAR(static_cast<double>(ones), 1000, 31);
}

TEST(SpeechCommands, AreTwelveWordsVariedAsSoundIs) {
  const fixtures::TemporaryFolder folder;
  const fixtures::Environment environment("THIMBLE_DATA", folder.path().string());
  const fixtures::ByteVector clip = fixtures::wav({1, 2, 3, 4});
  std::string validation;
  std::string testing;
  for (const char* word :
       {"yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go", "bed", "tree"}) {
    for (int i = 0; i < 4; ++i) {
      const std::string name = fmt::format("{}/{:08x}_nohash_0.wav", word, i);
      folder.write("speech-commands/" + name, clip);
      if (i == 2) validation += name + "\n";
      if (i == 3) testing += name + "\n";
    }
  }
  folder.write("speech-commands/_background_noise_/tap.wav", clip);
  folder.write("speech-commands/validation_list.txt", fixtures::bytes(validation));
  folder.write("speech-commands/testing_list.txt", fixtures::bytes(testing));
  const Dataset set = load_dataset("speech-commands");
  EXPECT_EQ(set.classes, 12);
  EXPECT_EQ(set.class_names.at(2), "yes");
  // Of ten words two clips each, and a tenth of them of silence and of other words.
  EXPECT_EQ(set.train.size(), 20 + 2 + 2);
  EXPECT_EQ(set.validation.size(), 10 + 1 + 1);
  EXPECT_EQ(set.test.size(), 10 + 1 + 1);
  EXPECT_EQ(set.shape(), (Shape{.height = 1, .width = 16'000, .channels = 1}));
  EXPECT_EQ(set.augmentation, usual_augmentation(DataKind::kWaveform, set.shape()));
  EXPECT_EQ(set.noise.size(), 1);
}

TEST(Digits, AreEightByEight) {
  SKIP_UNLESS_PRESENT("digits");
  const Dataset set = load_dataset("digits");
  EXPECT_EQ(set.shape(), (Shape{.height = 8, .width = 8, .channels = 1}));
  EXPECT_EQ(set.train.size() + set.validation.size(), 3823);
  EXPECT_EQ(set.test.size(), 1797);
}

TEST(KnownDatasets, AreLookedForInTheDataFolder) {
  const fixtures::TemporaryFolder folder;
  const fixtures::Environment environment("THIMBLE_DATA", folder.path().string());
  EXPECT_EQ(data_folder(), folder.path());
  const auto found = [] {
    const auto infos = known_datasets();
    return std::ranges::find(infos, "mnist", &DatasetInfo::name)->found;
  };
  EXPECT_EQ(found(), std::nullopt);
  std::filesystem::create_directory(folder.path() / "mnist");
  folder.write("mnist/train-labels-idx1-ubyte", {});
  EXPECT_EQ(found(), folder.path() / "mnist");
}

TEST(FashionMnist, IsSplitEvenlyByClass) {
  SKIP_UNLESS_PRESENT("fashion-mnist");
  const Dataset& set = loaded("fashion-mnist");
  EXPECT_EQ(set.shape(), (Shape{.height = 28, .width = 28, .channels = 1}));
  EXPECT_EQ(set.classes, 10);
  EXPECT_EQ(set.class_names.at(9), "Ankle boot");
  EXPECT_THAT(class_sizes(set.train, 10), testing::Each(5400));
  EXPECT_THAT(class_sizes(set.validation, 10), testing::Each(600));
  EXPECT_THAT(class_sizes(set.test, 10), testing::Each(1000));
  // The first five of the test files: ankle boot, pullover, trouser, trouser, shirt.
  EXPECT_THAT(std::span(set.test.labels).first(5), testing::ElementsAre(9, 2, 1, 1, 6));
}

TEST(FashionMnist, IsNormalisedToMeanZeroAndDeviationOne) {
  SKIP_UNLESS_PRESENT("fashion-mnist");
  const Dataset& set = loaded("fashion-mnist");
  // The customary values, of all 60,000 images.
  EXPECT_NEAR(set.normalisation.mean.at(0), 0.2860, 0.002);
  EXPECT_NEAR(set.normalisation.stddev.at(0), 0.3530, 0.002);
  std::vector<std::uint32_t> some = epoch_order(set.train.size(), 1, 0);
  some.resize(2000);
  std::vector<float> values(some.size() * 784);
  fill_batch(set.train, set.normalisation, some, nullptr, 0, 0, values);
  double sum = 0;
  double squares = 0;
  for (const float value : values) {
    sum += value;
    squares += double{value} * value;
  }
  const auto count = static_cast<double>(values.size());
  EXPECT_NEAR(sum / count, 0, 0.03);
  EXPECT_NEAR(std::sqrt(squares / count), 1, 0.03);
}

TEST(FashionMnist, BinaryVariantHasTheSameSplitsAndLabelOneBelowFive) {
  SKIP_UNLESS_PRESENT("fashion-mnist");
  const Dataset& ten = loaded("fashion-mnist");
  const Dataset two = load_dataset("fashion-mnist-binary");
  EXPECT_EQ(two.classes, 2);
  EXPECT_THAT(two.class_names,
              testing::ElementsAre("Sandal | Shirt | Sneaker | Bag | Ankle boot",
                                   "T-shirt/top | Trouser | Pullover | Dress | Coat"));
  const auto expect_binary = [](const Samples& binary, const Samples& whole) {
    EXPECT_TRUE(binary.pixels == whole.pixels);
    ASSERT_EQ(binary.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i)
      ASSERT_EQ(binary.labels[i], whole.labels[i] < 5 ? 1 : 0);
  };
  expect_binary(two.train, ten.train);
  expect_binary(two.validation, ten.validation);
  expect_binary(two.test, ten.test);
}

TEST(FashionMnist, CarriesTheAugmentationOfItsRecipe) {
  SKIP_UNLESS_PRESENT("fashion-mnist");
  EXPECT_EQ(
      loaded("fashion-mnist").augmentation,
      (AugmentationPolicy{
          .shift = 2, .flip_horizontal = true, .rotate_probability = 0.3, .rotate_radians = 0.2}));
}

TEST(Mnist, HasItsClassesInProportion) {
  SKIP_UNLESS_PRESENT("mnist");
  const Dataset& set = loaded("mnist");
  EXPECT_EQ(set.train.size(), 54'000);
  EXPECT_EQ(set.validation.size(), 6'000);
  // How often each digit is in the 60,000 and in the 10,000, as published.
  const std::vector<int> published = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};
  EXPECT_THAT(class_sizes(set.test, 10),
              testing::ElementsAre(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009));
  const auto validation = class_sizes(set.validation, 10);
  const auto train = class_sizes(set.train, 10);
  for (std::size_t digit = 0; digit < 10; ++digit) {
    EXPECT_EQ(train[digit] + validation[digit], published[digit]);
    EXPECT_NEAR(validation[digit], 0.1 * published[digit], 1);
  }
  EXPECT_NEAR(set.normalisation.mean.at(0), 0.1307, 0.001);
  EXPECT_NEAR(set.normalisation.stddev.at(0), 0.3081, 0.001);
  EXPECT_FALSE(set.augmentation.flip_horizontal);
}

TEST(Cifar10, IsSplitEvenlyByClass) {
  SKIP_UNLESS_PRESENT("cifar-10");
  const Dataset& set = loaded("cifar-10");
  EXPECT_THAT(class_sizes(set.train, 10), testing::Each(4500));
  EXPECT_THAT(class_sizes(set.validation, 10), testing::Each(500));
  EXPECT_THAT(class_sizes(set.test, 10), testing::Each(1000));
  EXPECT_THAT(set.normalisation.mean, testing::ElementsAre(0.4914F, 0.4822F, 0.4465F));
  // Cat, ship, ship, airplane, frog.
  EXPECT_THAT(std::span(set.test.labels).first(5), testing::ElementsAre(3, 8, 8, 0, 6));
}

TEST(Cifar10, HasThePixelsThatAnImageModelWasGiven) {
  SKIP_UNLESS_PRESENT("cifar-10");
  const char* shared = std::getenv("THIMBLE_SHARED");
  const std::filesystem::path root = shared ? shared : THIMBLE_SOURCE_DIR "/../shared";
  const auto golden = root / "models" / "golden" / "ic_in.bin";
  if (!std::filesystem::exists(golden)) GTEST_SKIP() << golden << " is not on this machine";
  // The first hundred test images as the model's inputs: HWC, pixel − 128.
  const auto inputs = read_bytes(golden);
  ASSERT_EQ(inputs.size(), 100 * 3072);
  const Samples& test = loaded("cifar-10").test;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    ASSERT_EQ(static_cast<std::int8_t>(inputs[i]), test.pixels[i] - 128) << i;
  }
}

}  // namespace
}  // namespace thimble
