#pragma once

#include <filesystem>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// A folder of images for each class: PNG, JPEG, BMP, PGM and PPM; or such a tree in each of the
/// folders `train`, `validation` (or `val`) and `test`. All images become `options.image_size`
/// (without it they must be of one size) in `options.colour`.
bool recognises_image_folder(const std::filesystem::path& path);
RawDataset read_image_folder(const std::filesystem::path& path, const ReadOptions& options);

/// Chars74K (de Campos 2009) as Kaggle gives it out: `trainLabels.csv`, with the header `ID,Class`
/// and a line for each image, whose file is `ID.Bmp` (any image, whatever the case of its ending)
/// in the folder `train`, `trainResized` or whichever it is that lies beside.
bool recognises_labelled_images(const std::filesystem::path& path);
RawDataset read_labelled_images(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace thimble
