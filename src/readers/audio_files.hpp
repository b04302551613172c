#pragma once

#include "labelled_files.hpp"

namespace thimble {

/// Reads the files as sounds, each as its first clip: `options.clip` samples, one second when not
/// given, silence at the end of what is shorter. With `options.stride` a file gives all the clips
/// that begin so many samples apart and lie within it (at least one); what has no group is then a
/// group by itself.
RawDataset read_sounds(FileSet files, const ReadOptions& options);

}  // namespace thimble
