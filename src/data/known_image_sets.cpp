#include "known_datasets.hpp"

namespace thimble {
namespace {

std::vector<std::string> digits_and_letters() {
  std::vector<std::string> names;
  for (const auto& [first, last] :
       {std::pair('0', '9'), std::pair('A', 'Z'), std::pair('a', 'z')}) {
    for (char c = first; c <= last; ++c) names.emplace_back(1, c);
  }
  return names;
}

/// Sizes and split of Liberis et al. 2021 (μNAS), which takes the 7,705 good ones of the pictures.
KnownDataset chars74k(Extent size) {
  return {.info = {.name = "chars74k",
                   .summary = "digits and letters in photographs of streets",
                   .shape = {.height = size.height, .width = size.width, .channels = 3},
                   .classes = 62,
                   .train_size = 7'705,
                   .test_size = 0,
                   .folders = {data_folder() / "chars74k" / "English" / "Img" / "GoodImg" / "Bmp",
                               data_folder() / "chars74k"},
                   .found = {},
                   .home = "teodecampos.github.io/chars74k",
                   .download = "EnglishImg.tgz",
                   .how_to_get = "unpack EnglishImg.tgz in DATA/chars74k, which gives "
                                 "English/Img/GoodImg/Bmp/Sample001 …",
                   .licence = "none stated; cite de Campos, Babu, Varma 2009"},
          .kind = "images",
          .file_classes = digits_and_letters(),
          .normalisation = {},
          .augmentation = AugmentationPolicy{.shift_share = 0.1},
          .read = {.image_size = size, .colour = Colour::kRgb},
          .drawn_validation = 705,
          .drawn_test = 2'000};
}

/// Of 96×96 in colour, as MLPerf Tiny has it; the papers' own sizes are options.
KnownDataset visual_wake_words() {
  return {.info = {.name = "visual-wake-words",
                   .summary = "is there a person in the photograph?",
                   .shape = {.height = 96, .width = 96, .channels = 3},
                   .classes = 2,
                   .folders = {data_folder() / "visual-wake-words", data_folder() / "coco"},
                   .found = {},
                   .home = "cocodataset.org",
                   .download = "COCO 2014: train images, 13 GB, val images, 6 GB, and train/val "
                               "annotations (82,783 and 40,504 images)",
                   .how_to_get =
                       "unpack them in DATA/coco, which gives annotations, train2014 and val2014; "
                       "COCO 2017 is understood too, and the authors' minival list",
                   .licence = "annotations CC BY 4.0; images by Flickr's terms of use"},
          .kind = "coco",
          .file_classes = {},
          .normalisation = {},
          .augmentation = AugmentationPolicy{.shift_share = 0.1, .flip_horizontal = true},
          .read = {.image_size = Extent{.height = 96, .width = 96}, .colour = Colour::kRgb}};
}

}  // namespace

std::vector<KnownDataset> known_image_sets() {
  return {chars74k({.height = 48, .width = 48}), binary(chars74k({.height = 32, .width = 32}), 31),
          visual_wake_words()};
}

}  // namespace thimble
