#include "thimble/data/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/samples/augmentation_choice.hpp"

namespace thimble {
namespace {

using fixtures::ByteVector;
using fixtures::Environment;
using fixtures::error_of;
using fixtures::gzip;
using fixtures::idx;
using fixtures::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// An IDX training set of 200 images of 1×2 whose first pixel is the number of the image; 4 classes
/// in turn.
void write_training(const TemporaryFolder& folder) {
  ByteVector pixels;
  ByteVector labels;
  for (int i = 0; i < 200; ++i) {
    pixels.push_back(static_cast<std::uint8_t>(i));
    pixels.push_back(9);
    labels.push_back(static_cast<std::uint8_t>(i % 4));
  }
  folder.write("train-images-idx3-ubyte.gz", gzip(idx({200, 1, 2}, pixels)));
  folder.write("train-labels-idx1-ubyte", idx({200}, labels));
}

TEST(LoadDataset, SplitsAFolderWithoutTestFilesInThree) {
  const TemporaryFolder folder;
  write_training(folder);
  const Dataset set = load_dataset(folder.path().string());
  EXPECT_EQ(set.name, folder.path().filename().string());
  EXPECT_EQ(set.classes, 4);
  EXPECT_THAT(set.class_names, testing::ElementsAre("0", "1", "2", "3"));
  EXPECT_EQ(set.shape(), (Shape{.height = 1, .width = 2, .channels = 1}));
  EXPECT_EQ(set.augmentation, usual_augmentation(DataKind::kImages, set.shape()));
  EXPECT_FALSE(set.augmentation.flip_horizontal);
  // 0.75, 0.1 and 0.15 of 50 samples a class: 37 or 38, 5, 7 or 8.
  EXPECT_EQ(set.train.size(), 150);
  EXPECT_EQ(set.validation.size(), 20);
  EXPECT_EQ(set.test.size(), 30);
  std::set<int> seen;
  for (const Samples* samples : {&set.train, &set.validation, &set.test}) {
    EXPECT_EQ(samples->shape, set.shape());
    for (std::size_t i = 0; i < samples->size(); ++i) {
      const int number = samples->image(i)[0];
      EXPECT_TRUE(seen.insert(number).second) << number << " is in two splits";
      EXPECT_EQ(samples->labels[i], number % 4);
    }
  }
  EXPECT_EQ(seen.size(), 200);
}

TEST(LoadDataset, DrawsNothingAnomalousForTraining) {
  const TemporaryFolder folder;
  std::string list;
  for (int i = 0; i < 100; ++i) {
    folder.write(fmt::format("{}.pgm", i), fixtures::pgm(1, 1, {static_cast<std::uint8_t>(i)}));
    list += fmt::format("{{\"path\": \"{}.pgm\", \"label\": {}, \"anomalous\": {}}}\n", i, i % 2,
                        i >= 80);
  }
  const auto path = folder.write("list.jsonl", fixtures::bytes(list));
  const Dataset set = load_dataset(path.string());
  for (const Samples* part : {&set.train, &set.validation, &set.test}) {
    ASSERT_EQ(part->anomalous.size(), part->size());
    for (std::size_t i = 0; i < part->size(); ++i) {
      EXPECT_EQ(part->anomalous[i] != 0, part->image(i)[0] >= 80);
    }
  }
  const auto anomalies = [](const Samples& part) { return std::ranges::count(part.anomalous, 1); };
  EXPECT_EQ(anomalies(set.train) + anomalies(set.validation), 0);
  EXPECT_EQ(anomalies(set.test), 20);
  EXPECT_GT(set.test.size(), 20) << "what is as it should be is tested with, too";
}

TEST(LoadDataset, KeepsTheTestFilesAsTheTestSplit) {
  const TemporaryFolder folder;
  write_training(folder);
  folder.write("t10k-images-idx3-ubyte", idx({2, 1, 2}, {1, 2, 3, 4}));
  folder.write("t10k-labels-idx1-ubyte", idx({2}, {3, 0}));
  const Dataset set = load_dataset(folder.path().string(), {.validation_share = 0.2});
  EXPECT_EQ(set.train.size(), 160);
  EXPECT_EQ(set.validation.size(), 40);
  EXPECT_THAT(set.test.labels, testing::ElementsAre(3, 0));
}

TEST(LoadDataset, DrawsTheSameSplitForTheSameSeed) {
  const TemporaryFolder folder;
  write_training(folder);
  const auto train = [&](std::uint64_t seed) {
    return load_dataset(folder.path().string(), {.seed = seed}).train;
  };
  EXPECT_EQ(train(1), train(1));
  EXPECT_NE(train(1), train(2));
}

TEST(LoadDataset, CanLeaveOutTheValidationSplit) {
  const TemporaryFolder folder;
  write_training(folder);
  const Dataset set =
      load_dataset(folder.path().string(), {.validation_share = 0, .test_share = 0.1});
  EXPECT_TRUE(set.validation.empty());
  EXPECT_EQ(set.train.size(), 180);
}

TEST(LoadDataset, NormalisesByTheTrainingSplitAlone) {
  const TemporaryFolder folder;
  write_training(folder);
  const Dataset set = load_dataset(folder.path().string());
  const Normalisation measured = measure_normalisation(set.train);
  EXPECT_EQ(set.normalisation.mean, measured.mean);
  EXPECT_EQ(set.normalisation.stddev, measured.stddev);
}

TEST(LoadDataset, ReadsAFolderOfCifarFiles) {
  const TemporaryFolder folder;
  ByteVector batch;
  for (int i = 0; i < 40; ++i) {
    batch.push_back(static_cast<std::uint8_t>(i % 10));
    batch.insert(batch.end(), 3072, static_cast<std::uint8_t>(i));
  }
  folder.write("data_batch_1.bin", batch);
  folder.write("test_batch.bin", batch);
  const Dataset set = load_dataset(folder.path().string(), {.validation_share = 0.25});
  EXPECT_EQ(set.train.size(), 30);
  EXPECT_EQ(set.validation.size(), 10);
  EXPECT_EQ(set.test.size(), 40);
  EXPECT_EQ(set.class_names.at(9), "truck");
  EXPECT_EQ(set.normalisation.mean.size(), 3);
}

TEST(LoadDataset, ReadsCifar100ByItsFineLabels) {
  const TemporaryFolder folder;
  ByteVector records;
  for (int i = 0; i < 40; ++i) {
    records.push_back(9);
    records.push_back(static_cast<std::uint8_t>(i % 2));
    records.insert(records.end(), 3072, static_cast<std::uint8_t>(i));
  }
  folder.write("train.bin", records);
  folder.write("test.bin", records);
  folder.write("fine_label_names.txt", {'a', '\n', 'b', '\n'});
  const Dataset set = load_dataset(folder.path().string());
  EXPECT_EQ(set.kind, "cifar-100");
  EXPECT_THAT(set.class_names, testing::ElementsAre("a", "b"));
  EXPECT_EQ(set.test.labels[3], 1);
  EXPECT_EQ(set.test.image(3)[7], 3);
}

TEST(FindDuplicates, CountsSamplesThatAreInTwoSplits) {
  Dataset set;
  const Shape shape{.height = 1, .width = 2, .channels = 1};
  set.train = {.shape = shape, .pixels = {1, 2, 3, 4, 3, 4}, .labels = {0, 0, 1}};
  set.validation = {.shape = shape, .pixels = {5, 6, 3, 4}, .labels = {0, 1}};
  set.test = {.shape = shape, .pixels = {5, 6, 2, 1, 1, 2}, .labels = {0, 1, 1}};
  const Duplicates found = find_duplicates(set);
  EXPECT_EQ(found.validation, 1);
  EXPECT_EQ(found.test, 2);
  EXPECT_THAT(found.examples,
              testing::ElementsAre(StartsWith("validation sample 1 = training sample"),
                                   "test sample 0 = validation sample 0",
                                   "test sample 2 = training sample 0"));
}

TEST(LoadDataset, RefusesAnUnknownNameWithTheNearest) {
  EXPECT_EQ(
      error_of<ConfigError>([] { load_dataset("fashon-mnist"); }),
      "data = fashon-mnist: no such data set (did you mean \"fashion-mnist\"?): `thimble datasets` "
      "lists them; or give a path");
}

TEST(LoadDataset, SaysWhereAnAbsentSetWasLookedFor) {
  const TemporaryFolder empty;
  const Environment environment("THIMBLE_DATA", empty.path().string());
  EXPECT_THAT(error_of<DataError>([] { load_dataset("mnist"); }),
              AllOf(StartsWith("data: mnist: not found in " + empty.path().string() + "/mnist: "),
                    HasSubstr("IDX files")));
  EXPECT_THAT(error_of<DataError>([] { load_dataset("cifar-10-binary"); }),
              HasSubstr("cifar-10: "));
}

TEST(LoadDataset, RefusesAKnownSetOfAnotherSize) {
  const TemporaryFolder data;
  const Environment environment("THIMBLE_DATA", data.path().string());
  std::filesystem::create_directory(data.path() / "mnist");
  data.write("mnist/train-images-idx3-ubyte", idx({1, 28, 28}, ByteVector(784)));
  data.write("mnist/train-labels-idx1-ubyte", idx({1}, {3}));
  EXPECT_THAT(
      error_of<DataError>([] { load_dataset("mnist"); }),
      HasSubstr("samples = 1 for training and 0 for testing: 60000 and 10000 expected of mnist"));
  data.write("mnist/train-labels-idx1-ubyte", idx({1}, {10}));
  EXPECT_THAT(error_of<DataError>([] { load_dataset("mnist"); }),
              HasSubstr("train-labels-idx1-ubyte: label 0 = 10: must be below 10"));
  data.write("mnist/train-images-idx3-ubyte", idx({1, 28, 27}, ByteVector(756)));
  EXPECT_THAT(error_of<DataError>([] { load_dataset("mnist"); }),
              HasSubstr("train-images-idx3-ubyte: image = 28x27x1: 28x28x1 expected"));
}

TEST(LoadDataset, RefusesPathsThatHoldNoSet) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of<DataError>([&] { load_dataset(folder.path().string()); }),
              AllOf(StartsWith(folder.path().string() + ": holds no data set"),
                    HasSubstr("as idx, cifar-10")));
  const auto file = folder.write("a-file", {1});
  EXPECT_THAT(error_of<DataError>([&] { load_dataset(file.string()); }),
              HasSubstr("found a nameless file"));
  EXPECT_EQ(error_of<DataError>([] { load_dataset("no/such/folder"); }),
            "no/such/folder: no such file or folder");
  // Longer than any file system allows, which looking it up calls an error of its own.
  const std::string endless = "a/" + std::string(5000, 'x');
  EXPECT_EQ(error_of<DataError>([&] { load_dataset(endless); }),
            endless + ": no such file or folder");
}

TEST(LoadDataset, RefusesASetThatCannotBeLearntFrom) {
  const TemporaryFolder folder;
  folder.write("train-images-idx3-ubyte", idx({2, 1, 1}, {1, 2}));
  folder.write("train-labels-idx1-ubyte", idx({2}, {0, 0}));
  EXPECT_THAT(error_of<DataError>([&] { load_dataset(folder.path().string()); }),
              HasSubstr("classes = 1: at least 2 expected"));
  folder.write("train-labels-idx1-ubyte", idx({2}, {0, 1}));
  EXPECT_THAT(error_of<DataError>([&] { load_dataset(folder.path().string()); }),
              HasSubstr("training samples = 2: too few to split"));
}

TEST(LoadDataset, RefusesSharesThatLeaveNothingToTrainOn) {
  const auto error = [](DatasetOptions options) {
    return error_of<ConfigError>([&] { load_dataset("mnist", options); });
  };
  EXPECT_EQ(error({.validation_share = 1}), "data: validation_share = 1: must be from 0 to 0.9");
  EXPECT_THAT(error({.validation_share = -0.1}), HasSubstr("validation_share = -0.1"));
  EXPECT_THAT(error({.validation_share = std::nan("")}), HasSubstr("validation_share = nan"));
  EXPECT_THAT(error({.test_share = 0}), HasSubstr("test_share = 0"));
  EXPECT_THAT(error({.validation_share = 0.5, .test_share = 0.5}), HasSubstr("test_share = 0.5"));
}

}  // namespace
}  // namespace thimble
