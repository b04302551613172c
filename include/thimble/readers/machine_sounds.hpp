#pragma once

#include <filesystem>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// Sounds of machines, some of which are broken, as DCASE 2020 task 2 (Koizumi et al. 2020) and
/// MIMII (Purohit et al. 2019) lay them out:
///
///     slider/train/normal_id_00_00000000.wav, slider/test/anomaly_id_00_00000000.wav   (DCASE)
///     slider/id_00/normal/00000000.wav, slider/id_00/abnormal/00000000.wav             (MIMII)
///
/// The path is one machine's folder or one that holds several. The class is the machine's number,
/// `id_00` (`slider id_00` where there are several kinds), for what a network learns is which of
/// them it hears; `Samples::anomalous` says which clips are of a broken one. Folders `train` and
/// `test` are the splits; where there are none, all is for training (whoever draws the splits gives
/// what is anomalous to the test). Clips are
/// ten seconds long where `options.clip` says nothing else; with `options.stride` a file gives
/// several (audio_files.hpp), all under its name. Files named otherwise are counted and left out.
bool recognises_machine_sounds(const std::filesystem::path& path);
RawDataset read_machine_sounds(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace thimble
