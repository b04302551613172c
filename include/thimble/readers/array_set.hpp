#pragma once

#include <filesystem>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// NumPy arrays: an .npz archive, or a folder of .npy files. An array's name says what it is, in
/// words between underscores, in any order and case: x, data, features, images, inputs or samples
/// for the samples [N, …], y, labels, label, targets or target for whole numbers [N]; groups, group
/// or subjects for whole numbers [N]; beside them train, val (or validation) and test for its
/// split: `x_train`, `test_labels`. Arrays `arr_0` and `arr_1` are samples and labels. Other arrays
/// are left out and noted.
///
/// Bytes are pixels; other numbers (bool, int and uint of 1 to 8 bytes, float32 and float64) are
/// taken as they are, all finite. A row is what `options.shape` says, else by its dimensions
///     [D]         1×1×D
///     [H, W]      H×W×1 of bytes (an image), 1×H×W else (H steps of W channels)
///     [H, W, C]   H×W×C
bool recognises_npz(const std::filesystem::path& path);
RawDataset read_npz(const std::filesystem::path& path, const ReadOptions& options);
bool recognises_npy_folder(const std::filesystem::path& path);
RawDataset read_npy_folder(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace thimble
