#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// An array of unsigned bytes in the IDX format of the MNIST files (LeCun, Cortes, Burges). All
/// numbers big-endian:
///
///     0       00 00
///     2       type (08: unsigned byte)
///     3       number of dimensions n
///     4       n lengths, 4 bytes each
///     4+4n    the values, last dimension fastest
struct IdxArray {
  std::vector<std::uint32_t> dimensions;
  /// Within the bytes that were parsed.
  std::span<const std::uint8_t> values;
};

/// Checks the header against the true size before anything is allocated. Throws DataError beginning
/// with `place`.
IdxArray parse_idx(std::span<const std::uint8_t> bytes, std::string_view place);

/// An IDX file as the parser sees it: its bytes and the name for complaints.
struct IdxFile {
  std::span<const std::uint8_t> bytes;
  std::string_view place;
};

/// Images [N, H, W], read as one channel, with their labels [N]; N, H and W at least 1. Throws
/// DataError naming the file that is wrong: damaged, not of the expected shape, another count than
/// its partner, a label that is no class.
Samples parse_idx_samples(IdxFile images, IdxFile labels, const Expected& expected);

/// `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and, where there is a test split, `t10k-…`;
/// each also as `…images.idx3-ubyte`, each also gzipped (`.gz`; at most 2 GiB unpacked). Classes
/// not known beforehand are 0 … the largest training label.
bool recognises_idx(const std::filesystem::path& folder);
RawDataset read_idx(const std::filesystem::path& folder, const Expected& expected,
                    const ReadOptions& options);
std::vector<std::filesystem::path> idx_files(const std::filesystem::path& folder);

}  // namespace thimble
