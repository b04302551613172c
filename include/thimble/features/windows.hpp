#pragma once

#include "thimble/data/dataset.hpp"

namespace thimble::features {

/// How the features of a recording, [frames, width], are cut.
struct WindowOptions {
  int frames = 1;  ///< of a window, at least 1
  int every = 1;   ///< frames from the beginning of one window to that of the next, at least 1
};

/// The set with each sample, [H, W, C], replaced by its windows, [frames, W, C]: those that begin
/// at rows 0, every, 2 · every, … and end within it. A window has the label of its sample, is
/// anomalous where that is, and keeps in `clips` which recording that was of; names are left out.
/// Windows are looked at where the samples lie, not copied, however much they overlap. The
/// normalisation stays that of whole samples. Throws DataError for samples shorter than a window,
/// and for more windows of a split than 32 bits count.
Dataset windowed(Dataset dataset, const WindowOptions& options);

}  // namespace thimble::features
