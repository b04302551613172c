#pragma once

#include <filesystem>

#include "thimble/readers/reader.hpp"

namespace thimble {

// Tables of comma-separated values: one file, or a folder of them. A file `train`, `validation` (or
// `val`) or `test` (.csv, .tsv), or ending in .tra or .tes (as at UCI), holds that split; any other
// is for training. Where the first line has no number in it, it names the columns:
//     label, class, target, activity             the class: a word or a whole number
//     group, subject, user, record, session      who or what a row comes from
//     split, set                                 train, validation or test
//     id, index, time, timestamp, t              passed over
// and all others are values, finite numbers. Without such a line the last column is the label.

/// A file, or a folder with nothing else beside it or with a `train.csv`. A row is a sample of
/// `options.shape`; without it of 1×1×D for D values.
bool recognises_csv(const std::filesystem::path& path);
RawDataset read_csv(const std::filesystem::path& path, const ReadOptions& options);

/// A row is a step of a series, a column of values a channel. A sample is a window [1, window,
/// channels] (128 steps when not given) within a run of rows of one label, group and split; the
/// next one begins `stride` steps later (half a window). Rows without a label belong to no window.
/// Groups are those of the column, else the files where there are several, else blocks of ten
/// windows which no window crosses, so that no row is in two splits. Recognised by a column of
/// time.
bool recognises_series(const std::filesystem::path& path);
RawDataset read_series(const std::filesystem::path& path, const ReadOptions& options);

/// Marked records: `NAME.i16`, 16-bit samples one after another, low byte first, and beside it
/// `NAME_….csv` of two columns with a header: the number of a sample and the label of what happens
/// there. A sample is the window [1, window, 1] (128 when not given) about it, from window / 2
/// before it; a record is a group.
bool recognises_records(const std::filesystem::path& path);
RawDataset read_records(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace thimble
