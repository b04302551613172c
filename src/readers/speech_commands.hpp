#pragma once

#include <filesystem>
#include <string_view>

#include "labelled_files.hpp"

namespace thimble {

/// The split that the official recipe puts a clip in, by its file's name (Warden 2018, arXiv
/// 1804.03209, section 7; `which_set` of its README): all clips of a speaker, who is what stands
/// before `_nohash_`, are in one.
///
///     h = SHA-1(name up to "_nohash_") mod 2²⁷,   p = 100 h / (2²⁷ − 1)
///     validation where p < validation_percent, test where p < validation_percent + test_percent
Split speech_split(std::string_view file_name, double validation_percent = 10,
                   double test_percent = 10);

/// Whether most of the files are named as Speech Commands' are.
bool names_are_speech_commands(const FileSet& set);

/// Puts every file into the split that the lists in `folder` name; false when there is no list. A
/// line that names no file counts as broken.
bool apply_split_lists(const std::filesystem::path& folder, FileSet& set, bool strict);

/// Makes the twelve classes of Warden 2018 out of a set whose files are in their splits: silence,
/// unknown, yes, no, up, down, left, right, on, off, stop, go. For every ten clips of the ten words
/// in a split it gets one of another word, drawn with `seed`, and one of silence: an excerpt of a
/// file of `_background_noise_` at a volume from 0 to 1. Folders `_unknown_` and `_silence_` are
/// taken instead where there are any. Throws DataError when a word or the noise is missing.
void make_twelve_words(const std::filesystem::path& folder, std::uint64_t seed, FileSet& set);

}  // namespace thimble
