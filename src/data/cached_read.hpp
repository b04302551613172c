#pragma once

#include "sample_file.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble {

/// A set, and where it is kept.
struct CachedRead {
  RawDataset set;
  std::filesystem::path path;  ///< empty: nowhere
  Identity identity{};
};

/// The set as its files have it: from the cache where it is there and right, else read, and kept
/// where `options.cache` says so. Throws as the reader does, and DataError for a set that neither
/// the memory nor the cache can hold.
CachedRead read_through_cache(const Source& source, const ReadOptions& read,
                              const DatasetOptions& options, const Expected& expected = {});

/// As measure_normalisation, of samples of a set that is kept at `path`; the answer, for which all
/// of them are read, is kept beside it.
Normalisation cached_normalisation(const Samples& samples, const std::filesystem::path& path,
                                   const Identity& identity);

}  // namespace thimble
