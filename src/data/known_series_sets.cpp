#include "known_datasets.hpp"

namespace thimble {
namespace {

KnownDataset human_activities() {
  return {
      .info = {.name = "har",
               .summary = "six activities by a telephone's accelerometer and gyroscope",
               .shape = {.height = 1, .width = 128, .channels = 9},
               .classes = 6,
               .train_size = 7'352,
               .test_size = 2'947,
               .folders = {data_folder() / "har", data_folder() / "har" / "UCI HAR Dataset",
                           data_folder() / "UCI HAR Dataset"},
               .found = {},
               .home = "archive.ics.uci.edu: Human Activity Recognition Using Smartphones",
               .download = "UCI HAR Dataset.zip",
               .how_to_get = "unpack it in DATA/har, which gives UCI HAR Dataset/train and test",
               .licence = "stated on its page; cite Anguita et al. 2013"},
      .kind = "activities",
      .file_classes = {},
      .normalisation = {},
      .augmentation = {}};
}

KnownDataset heartbeats() {
  return {.info = {.name = "mit-bih",
                   .summary = "heartbeats in AAMI's classes, between patients",
                   .shape = {.height = 1, .width = kUsualWindow, .channels = 2},
                   .classes = 5,
                   .folders = {data_folder() / "mit-bih",
                               data_folder() / "mit-bih-arrhythmia-database-1.0.0"},
                   .found = {},
                   .home = "physionet.org/content/mitdb/1.0.0",
                   .download = "48 records of three files",
                   .how_to_get = "put them in DATA/mit-bih: 100.hea, 100.dat, 100.atr …",
                   .licence = "ODC-BY 1.0; cite Moody, Mark 2001"},
          .kind = "heartbeats",
          .file_classes = {},
          .normalisation = {},
          .augmentation = {}};
}

KnownDataset optical_digits() {
  return {.info = {.name = "digits",
                   .summary = "handwritten digits, 8x8 sums of black",
                   .shape = {.height = 8, .width = 8, .channels = 1},
                   .classes = 10,
                   .train_size = 3'823,
                   .test_size = 1'797,
                   .folders = {data_folder() / "digits"},
                   .found = {},
                   .home = "archive.ics.uci.edu: Optical Recognition of Handwritten Digits",
                   .download = "optdigits.tra and optdigits.tes",
                   .how_to_get = "put both files in DATA/digits",
                   .licence = "stated on its page; cite Alpaydin, Kaynak 1998"},
          .kind = "csv",
          .file_classes = {},
          .normalisation = {},
          .augmentation = AugmentationPolicy{},
          .read = {.shape = Shape{.height = 8, .width = 8, .channels = 1}}};
}

}  // namespace

std::vector<KnownDataset> known_series_sets() {
  return {human_activities(), heartbeats(), optical_digits()};
}

}  // namespace thimble
