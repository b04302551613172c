#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "support/media.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble::fixtures {

/// Loads a path with a cache and sees what happens.
struct CachedLoad {
  Dataset set;
  std::size_t files_read = 0;
  std::vector<std::string> warnings;
};

/// Keeps everything.
inline CacheOptions all_in(const std::filesystem::path& folder) {
  return {.folder = folder, .least_files = 1};
}

/// Keeps what outgrows memory, which is everything.
inline CacheOptions outgrown_in(const std::filesystem::path& folder) {
  return {
      .folder = folder, .least_files = 1'000'000, .least_bytes = UINTMAX_MAX, .most_in_memory = 0};
}

inline CachedLoad load_cached(const std::filesystem::path& path, const CacheOptions& cache,
                              DatasetOptions options = {}) {
  CachedLoad load;
  options.cache = cache;
  options.progress = [&](const ReadingProgress& at) { load.files_read += at.doing == "read"; };
  options.warn = [&](const std::string& text) { load.warnings.push_back(text); };
  load.set = load_dataset(path.string(), options);
  return load;
}

inline void expect_equal(const Dataset& a, const Dataset& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.class_names, b.class_names);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.shape(), b.shape());
  EXPECT_TRUE(a.train == b.train);
  EXPECT_TRUE(a.validation == b.validation);
  EXPECT_TRUE(a.test == b.test);
  EXPECT_EQ(a.findings, b.findings);
  EXPECT_EQ(a.normalisation.mean, b.normalisation.mean);
  EXPECT_EQ(a.normalisation.stddev, b.normalisation.stddev);
}

/// Whether its samples lie in the cache.
inline bool is_stored(const Dataset& set) {
  return with_values(set.train, [](const auto& column) { return !column.stored_rows().empty(); });
}

/// The files in the cache that end so.
inline std::vector<std::filesystem::path> files_ending(const std::filesystem::path& folder,
                                                       const std::string& ending) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
  }
  return found;
}

/// `count` grey images of 5×3 in two classes, no two of them the same, below `folder`.
inline void write_photos(const std::filesystem::path& folder, int count) {
  for (int i = 0; i < count; ++i) {
    const auto place = folder / (i % 2 ? "odd" : "even");
    std::filesystem::create_directories(place);
    ByteVector pixels(15, static_cast<std::uint8_t>(i));
    pixels[0] = static_cast<std::uint8_t>(i * 7);
    const ByteVector image = pgm(5, 3, pixels);
    // Not by write_file, which waits for the disk each time.
    std::ofstream(place / (std::to_string(i) + ".pgm"), std::ios::binary)
        .write(reinterpret_cast<const char*>(image.data()), std::ssize(image));
  }
}

}  // namespace thimble::fixtures
