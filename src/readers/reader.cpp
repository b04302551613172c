#include "thimble/readers/reader.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/text.hpp"
#include "thimble/files/file_tree.hpp"
#include "thimble/readers/activity_set.hpp"
#include "thimble/readers/array_set.hpp"
#include "thimble/readers/audio_set.hpp"
#include "thimble/readers/cifar.hpp"
#include "thimble/readers/coco_set.hpp"
#include "thimble/readers/heartbeat_set.hpp"
#include "thimble/readers/idx.hpp"
#include "thimble/readers/image_set.hpp"
#include "thimble/readers/machine_sounds.hpp"
#include "thimble/readers/manifest.hpp"
#include "thimble/readers/table_set.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

template <RawDataset (*read)(const fs::path&, const ReadOptions&)>
RawDataset as_found(const fs::path& path, const Expected&, const ReadOptions& options) {
  return read(path, options);
}

/// The file, or all files below the folder.
std::vector<fs::path> all_files(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {path};
  Findings findings;
  std::vector<fs::path> files = FileTree(path).files_below(path, findings, false);
  for (fs::path& file : files) file = path / file;
  return files;
}

std::string known_kinds() {
  std::vector<std::string_view> kinds;
  for (const Reader& reader : readers()) kinds.push_back(reader.kind);
  return fmt::format("{}", fmt::join(kinds, ", "));
}

/// `KIND:` at the beginning of the text, without the colon; empty when it is none.
std::string_view kind_prefix(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const std::string_view prefix = text.substr(0, colon);
  const bool word =
      prefix.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
  return word ? prefix : std::string_view();
}

[[noreturn]] void reject_kind(std::string_view text, std::string_view kind) {
  std::vector<std::string> kinds;
  for (const Reader& reader : readers()) kinds.emplace_back(reader.kind);
  raise<ConfigError>("data = {}: no such kind{}: one of {}", printable(text),
                     did_you_mean(kind, kinds), known_kinds());
}

void check_there(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  const std::string name = printable(path.string());
  if (status.type() == fs::file_type::not_found || status.type() == fs::file_type::none) {
    const bool missing = !error || error == std::errc::no_such_file_or_directory ||
                         error == std::errc::not_a_directory ||
                         error == std::errc::filename_too_long;
    if (missing) raise<DataError>("{}: no such file or folder", name);
    raise<DataError>("{}: cannot be looked at: {}", name, error.message());
  }
  if (fs::is_directory(status)) {
    fs::directory_iterator entries(path, error);
    if (error) raise<DataError>("{}: cannot be read: {}", name, error.message());
  } else if (!fs::is_regular_file(status)) {
    raise<DataError>("{}: is neither a file nor a folder", name);
  }
}

}  // namespace

std::span<const Reader> readers() {
  static constexpr Reader kReaders[] = {
      {"idx", "IDX", "train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz], t10k-…",
       recognises_idx, read_idx, idx_files, true},
      {"cifar-10", "CIFAR-10 binary", "data_batch_1.bin …, test_batch.bin", recognises_cifar,
       read_cifar, cifar_files, true},
      {"cifar-100", "CIFAR-100 binary", "train.bin, test.bin, fine_label_names.txt",
       recognises_cifar_100, read_cifar_100, cifar_100_files, true},
      {"manifest", "list of files", "a .jsonl file, or manifest.jsonl", recognises_manifest,
       as_found<read_manifest>, manifest_files},
      {"coco", "Visual Wake Words of COCO", "annotations/instances_train….json beside the images",
       recognises_coco, as_found<read_coco>, all_files},
      {"activities", "windows of motion (UCI HAR)",
       "train/Inertial Signals/….txt, train/y_train.txt, test/…", recognises_activities,
       as_found<read_activities>, all_files},
      {"heartbeats", "marked heartbeats (PhysioNet)", "NAME.hea, NAME.dat, NAME.atr",
       recognises_heartbeats, as_found<read_heartbeats>, all_files},
      {"chars74k", "Chars74K", "trainLabels.csv beside a folder of images",
       recognises_labelled_images, as_found<read_labelled_images>, all_files},
      {"records", "marked records", "NAME.i16 beside NAME_….csv", recognises_records,
       as_found<read_records>, all_files},
      {"npz", "NumPy archive", "an .npz file with x and y", recognises_npz, as_found<read_npz>,
       all_files},
      {"npy", "NumPy arrays", "x.npy, y.npy", recognises_npy_folder, as_found<read_npy_folder>,
       all_files},
      {"series", "series with labels", "a .csv file, or several, with a column time",
       recognises_series, as_found<read_series>, all_files},
      {"csv", "table with labels", "a .csv file, or train.csv, test.csv", recognises_csv,
       as_found<read_csv>, all_files},
      {"machines", "sounds of machines (DCASE 2020, MIMII)",
       "train/normal_id_00_….wav, test/anomaly_id_00_….wav, or id_00/normal, id_00/abnormal",
       recognises_machine_sounds, as_found<read_machine_sounds>, all_files},
      {"audio", "sound by class", "a folder a class of .wav or .flac", recognises_audio_folder,
       as_found<read_audio_folder>, all_files},
      {"images", "images by class", "a folder a class of .png, .jpg, .bmp, .pgm, .ppm",
       recognises_image_folder, as_found<read_image_folder>, all_files},
  };
  return kReaders;
}

const Reader* find_reader(const fs::path& path) {
  const auto all = readers();
  const auto found = std::ranges::find_if(all, [&](const Reader& r) { return r.recognises(path); });
  return found == all.end() ? nullptr : &*found;
}

Source find_source(std::string_view text) {
  const std::string_view kind = kind_prefix(text);
  if (!kind.empty()) {
    const fs::path path(text.substr(kind.size() + 1));
    const auto reader = std::ranges::find(readers(), kind, &Reader::kind);
    if (reader != readers().end()) {
      check_there(path);
      return {&*reader, path};
    }
    if (!path_exists(fs::path(text))) reject_kind(text, kind);
  }
  const fs::path path(text);
  check_there(path);
  const Reader* reader = find_reader(path);
  if (!reader) {
    raise<DataError>(
        "{}: holds no data set that is known: found {}; usual are a folder a class of images or of "
        "sound, a .csv, an .npz or a .jsonl file; KIND:PATH reads it as {}",
        printable(path.string()), what_lies_at(path), known_kinds());
  }
  return {reader, path};
}

}  // namespace thimble
