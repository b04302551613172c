#pragma once

#include <filesystem>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// Windows of motion as UCI's set "Human Activity Recognition Using Smartphones" (Anguita et al.
/// 2013) lays them out, for PART in `train` and `test`:
///
///     PART/Inertial Signals/CHANNEL_PART.txt   a window a line, its steps as numbers
///     PART/y_PART.txt                          the number of its activity, one a line
///     PART/subject_PART.txt                    who moves (may be missing)
///     activity_labels.txt                      NUMBER NAME, one a line (may be missing)
///
/// A sample is [1, steps, channels], channels in the order of their names. The files of `train` are
/// for training, those of `test` for the test; a subject is a group. A file that does not fit the
/// others, or holds what is no finite number, is refused with its line.
bool recognises_activities(const std::filesystem::path& folder);
RawDataset read_activities(const std::filesystem::path& folder, const ReadOptions& options);

}  // namespace thimble
