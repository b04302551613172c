#pragma once

#include "labelled_files.hpp"

namespace thimble {

/// Reads the files as images; `place` is the set, for complaints.
RawDataset read_images(FileSet files, const ReadOptions& options, const std::string& place);

}  // namespace thimble
