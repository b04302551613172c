#pragma once

#include <filesystem>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// An object counts where it covers more than this share of its image.
inline constexpr double kVisibleShare = 0.005;

/// Visual Wake Words (Chowdhery et al. 2019, arXiv 1906.05721, section 3): is there a person? made
/// of COCO as it is unpacked: `annotations/instances_train….json`,
/// `annotations/instances_val….json` and the folders of images, `train2014`, `val2014` or
/// `train2017`, `val2017`.
///
/// Class 1, `person`: some person's `area` (which COCO gives as that of the outline) is more than
/// kVisibleShare of the image's; class 0, `not person`, is every other image, those with smaller
/// persons too: so the authors' published script has it, and no image is left out.
///
/// Images of the `train` file are for training, those of the `val` file for the test (a file that
/// is there alone: for training). The authors' own division is taken where it is there:
/// `instances_maxitrain.json` and `instances_minival.json` beside them, or `mscoco_minival_ids.txt`
/// (numbers of images, one a line), whose images are the test and all others training. All images
/// become `options.image_size` in `options.colour`.
///
/// An image that is not there and an object that cannot be right (of an unknown image, outside of
/// it or larger than it) count as broken. An annotation file that is damaged is refused.
bool recognises_coco(const std::filesystem::path& folder);
RawDataset read_coco(const std::filesystem::path& folder, const ReadOptions& options);

}  // namespace thimble
