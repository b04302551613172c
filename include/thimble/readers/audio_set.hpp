#pragma once

#include <filesystem>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// A folder of WAV or FLAC files for each class; or such a tree in each of `train`, `validation`
/// and `test`. Every file gives one sample [1, clip, 1]: its beginning, padded with silence at the
/// end. `_background_noise_` is no class. Which split a file is in is said by, in this order: such
/// trees; `training_list.txt`, `validation_list.txt` and `testing_list.txt` of paths below the
/// folder (what none of them names is for training, or left out where there is a training list);
/// the names, where they are Speech Commands' (`speech_split`) and leave half of the clips, and
/// some of every class, for training; where they do not, speakers are groups and that is all. With
/// `options.twelve_words` the classes are those of `twelve_words`.
bool recognises_audio_folder(const std::filesystem::path& path);
RawDataset read_audio_folder(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace thimble
