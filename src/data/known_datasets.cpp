#include "known_datasets.hpp"

#include <algorithm>
#include <cstdlib>

#include "thimble/data/reader.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

const AugmentationPolicy kHandwriting{.shift = 2, .rotate_probability = 0.3, .rotate_radians = 0.2};
const AugmentationPolicy kClothes{
    .shift = 2, .flip_horizontal = true, .rotate_probability = 0.3, .rotate_radians = 0.2};
const AugmentationPolicy kScenes{.shift = 4, .flip_horizontal = true};

KnownDataset mnist() {
  return {
      .info = {.name = "mnist",
               .summary = "handwritten digits",
               .shape = {.height = 28, .width = 28, .channels = 1},
               .classes = 10,
               .train_size = 60'000,
               .test_size = 10'000,
               .folders = {data_folder() / "mnist"},
               .found = {},
               .how_to_get = "put its four IDX files there, gzipped or not, or set THIMBLE_DATA",
               .licence = "none stated; LeCun, Cortes, Burges"},
      .file_classes = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
      .normalisation = {},
      .augmentation = kHandwriting};
}

KnownDataset fashion_mnist() {
  return {
      .info = {.name = "fashion-mnist",
               .summary = "pieces of clothing",
               .shape = {.height = 28, .width = 28, .channels = 1},
               .classes = 10,
               .train_size = 60'000,
               .test_size = 10'000,
               .folders = {data_folder() / "fashion-mnist", "/usr/share/datasets/fashion-mnist"},
               .found = {},
               .how_to_get =
                   "install the Debian package dataset-fashion-mnist, or put its four IDX "
                   "files there",
               .licence = "MIT; Zalando SE"},
      .file_classes = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
                       "Sneaker", "Bag", "Ankle boot"},
      .normalisation = {},
      .augmentation = kClothes};
}

KnownDataset cifar_10() {
  return {.info = {.name = "cifar-10",
                   .summary = "small colour photographs of animals and vehicles",
                   .shape = {.height = 32, .width = 32, .channels = 3},
                   .classes = 10,
                   .train_size = 50'000,
                   .test_size = 10'000,
                   .folders = {data_folder() / "cifar-10"},
                   .found = {},
                   .how_to_get =
                       "unpack its binary version there (data_batch_1.bin … test_batch.bin), or "
                       "set THIMBLE_DATA",
                   .licence = "none stated; cite Krizhevsky 2009"},
          .file_classes = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse",
                           "ship", "truck"},
          .normalisation = Normalisation{.mean = {0.4914F, 0.4822F, 0.4465F},
                                         .stddev = {0.2023F, 0.1994F, 0.2010F}},
          .augmentation = kScenes};
}

/// The task of two classes that μNAS makes of a set of ten: is the label below five?
KnownDataset binary(KnownDataset set) {
  set.binary_below = 5;
  set.info.name += "-binary";
  set.info.summary += ", two classes: 1 for the labels 0-4, 0 for 5-9";
  set.info.classes = 2;
  return set;
}

}  // namespace

std::vector<KnownDataset> known_dataset_table() {
  std::vector<KnownDataset> table = {cifar_10(),      binary(cifar_10()),
                                     fashion_mnist(), binary(fashion_mnist()),
                                     mnist(),         binary(mnist())};
  for (KnownDataset& set : table) {
    const auto held = std::ranges::find_if(
        set.info.folders, [](const fs::path& folder) { return find_reader(folder) != nullptr; });
    if (held != set.info.folders.end()) set.info.found = *held;
  }
  return table;
}

std::vector<DatasetInfo> known_datasets() {
  std::vector<DatasetInfo> infos;
  for (KnownDataset& set : known_dataset_table()) infos.push_back(std::move(set.info));
  return infos;
}

fs::path data_folder() {
  if (const char* folder = std::getenv("THIMBLE_DATA"); folder && *folder) return folder;
  const char* home = std::getenv("HOME");
  return fs::path(home ? home : ".") / ".cache" / "thimble" / "data";
}

}  // namespace thimble
