#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "schema_generated.h"
#include "thimble/arena/network.hpp"

namespace thimble::arena {

/// The places of a file's tensors in the head, from its metadata; empty where it has no plan. Of
/// several plans the last one counts, as for TensorFlow Lite Micro. Throws ModelError beginning
/// with `place` for one that it refuses, and for places that are negative or no multiples of 16.
std::vector<std::int32_t> read_offline_plan(const tflite::Model& file,
                                            std::span<const ArenaTensor> tensors,
                                            std::string_view place);

}  // namespace thimble::arena
