#include "thimble/readers/cifar.hpp"

#include <fmt/format.h>

#include <array>
#include <sstream>
#include <string>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/files/mapped_file.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr Shape kShape{.height = 32, .width = 32, .channels = 3};
constexpr std::size_t kPlane = 32 * 32;
constexpr int kMaxBatches = 99;
constexpr const char* kFineNames = "fine_label_names.txt";
constexpr const char* kTestBatch = "test_batch.bin";
/// Records that are read at once.
constexpr std::size_t kRecordsAtOnce = 1024;

fs::path batch_path(const fs::path& folder, int number) {
  return folder / fmt::format("data_batch_{}.bin", number);
}

/// The highest number of a training batch; 0 when there is none.
int last_batch(const fs::path& folder) {
  for (int number = kMaxBatches; number > 0; --number) {
    if (path_exists(batch_path(folder, number))) return number;
  }
  return 0;
}

/// The lines of a file of names; `otherwise` where there is no such file.
std::vector<std::string> class_names(const fs::path& path, std::vector<std::string> otherwise) {
  if (!path_exists(path)) return otherwise;
  std::vector<std::string> names;
  std::istringstream lines(read_text(path));
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (names.size() < 2 || names.size() > 256) {
    raise<DataError>("{}: class names = {}: 2 to 256 expected, one a line", path.string(),
                     names.size());
  }
  return names;
}

/// Appends a file's records to `part`, one of the splits of `set`.
void append_file(const fs::path& path, std::size_t labels, int classes, const ReadOptions& options,
                 Samples& part, RawDataset& set) {
  append_cifar(WholeFile::of_plain(path), path.string(), classes, part, labels, [&] {
    if (options.hooks.between_samples) options.hooks.between_samples(set);
  });
}

}  // namespace

void append_cifar(std::span<const std::uint8_t> bytes, std::string_view place, int classes,
                  Samples& samples, std::size_t labels, const std::function<void()>& between) {
  const std::size_t record = labels + 3 * kPlane;
  if (bytes.empty() || bytes.size() % record != 0) {
    raise<DataError>(
        "{}: size = {} bytes: records of {} bytes expected (label, 32×32 red, green, blue)", place,
        bytes.size(), record);
  }
  samples.shape = kShape;
  std::array<std::uint8_t, 3 * kPlane> image{};
  for (std::size_t at = 0; at < bytes.size(); at += record) {
    const int label = bytes[at + labels - 1];
    if (label >= classes) {
      raise<DataError>("{}: label {} = {}: must be below {}, the number of classes", place,
                       at / record, label, classes);
    }
    samples.labels.push_back(label);
    const auto planes = bytes.subspan(at + labels, 3 * kPlane);
    for (std::size_t i = 0; i < kPlane; ++i) {
      for (std::size_t c = 0; c < 3; ++c) image[3 * i + c] = planes[c * kPlane + i];
    }
    samples.pixels.append(image);
    if (at / record % kRecordsAtOnce == kRecordsAtOnce - 1) between();
  }
  between();
}

bool recognises_cifar(const fs::path& folder) {
  return last_batch(folder) > 0 || path_exists(folder / kTestBatch);
}

RawDataset read_cifar(const fs::path& folder, const Expected& expected,
                      const ReadOptions& options) {
  RawDataset set;
  set.class_names = class_names(
      folder / "batches.meta.txt",
      {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"});
  const auto classes = static_cast<int>(set.class_names.size());
  if (expected.classes && classes != *expected.classes) {
    raise<DataError>("{}: class names = {}: {} expected", (folder / "batches.meta.txt").string(),
                     classes, *expected.classes);
  }
  const int batches = last_batch(folder);
  if (batches == 0) raise<DataError>("{}: not there", batch_path(folder, 1).string());
  for (int number = 1; number <= batches; ++number) {
    const fs::path path = batch_path(folder, number);
    append_file(path, 1, classes, options, set.train, set);
  }
  if (const fs::path test = folder / kTestBatch; path_exists(test)) {
    append_file(test, 1, classes, options, set.test, set);
  }
  return set;
}

std::vector<fs::path> cifar_files(const fs::path& folder) {
  std::vector<fs::path> files = {folder / "batches.meta.txt", folder / kTestBatch};
  for (int number = 1; number <= kMaxBatches; ++number) {
    files.push_back(batch_path(folder, number));
  }
  return files;
}

bool recognises_cifar_100(const fs::path& folder) {
  return path_exists(folder / "train.bin") && path_exists(folder / kFineNames);
}

RawDataset read_cifar_100(const fs::path& folder, const Expected& expected,
                          const ReadOptions& options) {
  std::vector<std::string> numbers;
  for (int label = 0; label < 100; ++label) numbers.push_back(std::to_string(label));
  RawDataset set;
  set.class_names = class_names(folder / kFineNames, std::move(numbers));
  const auto classes = static_cast<int>(set.class_names.size());
  if (expected.classes && classes != *expected.classes) {
    raise<DataError>("{}: class names = {}: {} expected", (folder / kFineNames).string(), classes,
                     *expected.classes);
  }
  append_file(folder / "train.bin", 2, classes, options, set.train, set);
  if (const fs::path test = folder / "test.bin"; path_exists(test)) {
    append_file(test, 2, classes, options, set.test, set);
  }
  return set;
}

std::vector<fs::path> cifar_100_files(const fs::path& folder) {
  return {folder / kFineNames, folder / "train.bin", folder / "test.bin"};
}

}  // namespace thimble
