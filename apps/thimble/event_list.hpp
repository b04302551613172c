#pragma once

#include <string>
#include <vector>

#include "thimble/features/detection_score.hpp"

namespace thimble::cli {

/// Whether a class stands for nothing that is listened for: its name begins with an underscore, as
/// Speech Commands' _silence_ and _unknown_ do.
bool is_background(const std::string& class_name);

/// A file of lines `start_s,end_s,label`, perhaps under a line of these words. Lines of a
/// background class are passed over. Throws DataError `PATH:LINE: …` for a line that is none, a
/// time that ends before it starts, a label that is no class.
std::vector<features::Event> read_events(const std::string& path,
                                         const std::vector<std::string>& class_names);

}  // namespace thimble::cli
