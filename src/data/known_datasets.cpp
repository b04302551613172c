#include "known_datasets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "thimble/readers/reader.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

/// Stands for data_folder() and a slash in what is said to people.
constexpr std::string_view kData = "DATA/";

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
               .home = "yann.lecun.com/exdb/mnist",
               .download = "four files, 11.6 MB",
               .how_to_get = "put its four IDX files there, gzipped or not, or set THIMBLE_DATA",
               .licence = "none stated; LeCun, Cortes, Burges"},
      .kind = "idx",
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
               .home = "github.com/zalandoresearch/fashion-mnist",
               .download = "four files",
               .how_to_get =
                   "install the Debian package dataset-fashion-mnist, or put its four IDX "
                   "files there",
               .licence = "MIT; Zalando SE"},
      .kind = "idx",
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
                   .home = "www.cs.toronto.edu/~kriz/cifar.html",
                   .download = "CIFAR-10 binary version, 162 MB",
                   .how_to_get =
                       "unpack its binary version there (data_batch_1.bin … test_batch.bin), or "
                       "set THIMBLE_DATA",
                   .licence = "none stated; cite Krizhevsky 2009"},
          .kind = "cifar-10",
          .file_classes = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse",
                           "ship", "truck"},
          .normalisation = Normalisation{.mean = {0.4914F, 0.4822F, 0.4465F},
                                         .stddev = {0.2023F, 0.1994F, 0.2010F}},
          .augmentation = kScenes};
}

}  // namespace

KnownDataset binary(KnownDataset set, int below) {
  set.binary_below = below;
  set.info.name += "-binary";
  set.info.summary += fmt::format(", two classes: 1 for the labels 0-{}, 0 for {}-{}", below - 1,
                                  below, set.file_classes.size() - 1);
  set.info.classes = 2;
  return set;
}

std::vector<KnownDataset> known_dataset_table() {
  std::vector<KnownDataset> table = {cifar_10(),      binary(cifar_10(), 5),
                                     fashion_mnist(), binary(fashion_mnist(), 5),
                                     mnist(),         binary(mnist(), 5)};
  for (auto& family : {known_image_sets(), known_sound_sets(), known_series_sets()}) {
    table.insert(table.end(), family.begin(), family.end());
  }
  std::ranges::sort(table, {}, [](const KnownDataset& set) { return set.info.name; });
  for (KnownDataset& set : table) {
    const auto reader = std::ranges::find(readers(), set.kind, &Reader::kind);
    const auto held = std::ranges::find_if(set.info.folders, reader->recognises);
    if (held != set.info.folders.end()) set.info.found = *held;
    std::string& text = set.info.how_to_get;
    if (const std::size_t at = text.find(kData); at != std::string::npos) {
      text.replace(at, kData.size(), (data_folder() / "").string());
    }
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
