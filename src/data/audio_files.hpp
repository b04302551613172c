#pragma once

#include "labelled_files.hpp"

namespace thimble {

/// Reads the files as sound, one sample [1, clip, 1] each.
RawDataset read_sounds(FileSet files, const ReadOptions& options);

}  // namespace thimble
