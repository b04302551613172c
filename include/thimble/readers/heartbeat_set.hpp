#pragma once

#include <filesystem>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// Heartbeats of PhysioNet's records: `NAME.hea`, `NAME.dat` and `NAME.atr` in one folder. A sample
/// is the window [1, window, signals] (128 steps when not given) about a beat, from window / 2
/// before it, in millivolts. Classes are AAMI's (ANSI/AAMI EC57), those that there are of
///
///     N    normal, bundle branch block, atrial and nodal escape      N L R e j
///     S    premature above the ventricles                            A a J S
///     V    ventricular: premature, escape                            V E
///     F    a fusion of a ventricular and a normal beat               F
///     Q    paced, fusion of a paced and a normal one, unclassifiable / f Q
///
/// and marks of anything else are passed over. A record is a group. Where all the 44 records of
/// MIT-BIH's database whose hearts beat by themselves are there, the split is that of de Chazal et
/// al. 2004 (IEEE Trans. Biomed. Eng. 51(7)): DS1 for training, DS2 for the test, the four records
/// of paced hearts left out.
bool recognises_heartbeats(const std::filesystem::path& folder);
RawDataset read_heartbeats(const std::filesystem::path& folder, const ReadOptions& options);

}  // namespace thimble
