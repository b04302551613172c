#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thimble/readers/reader.hpp"

namespace thimble {

// The samples of a set in one file, decoded, that is mapped instead of read. Numbers as the machine
// has them: a file of another machine is refused.
//
//     0      "thmblset"
//     8      version of the format, 4 bytes
//     12     01020304 as a number of 4 bytes
//     16     identity: what the samples were made from, 20 bytes
//     36     type of a value, 4 bytes: 1 byte (pixel), 2 int16 (sound), 3 float32
//     40     height, width, channels, 4 bytes each
//     52     samples N, 4 bytes
//     56     bytes of the index, 8 bytes
//     64     checksum of the index, 8 bytes
//     72     checksum of bytes 0 … 71, 8 bytes
//     4096   the values of N samples, one after another, in the order in which they were read
//     then   the index: checksums of the samples; of training, validation and test the numbers of
//            their samples, labels, names and whether they are anomalous; groups, names of
//            classes, findings

/// What a set was made from, as one number (SHA-1).
using Identity = std::array<std::uint32_t, 5>;

/// Raise it whenever a reader makes other samples of the same files, or the layout changes.
inline constexpr std::uint32_t kSampleFileVersion = 2;

/// Samples of one split.
struct StoredSplit {
  std::vector<std::uint32_t> rows;  ///< numbers of its samples
  std::vector<std::int32_t> labels;
  std::vector<std::string> names;       ///< as many, or none
  std::vector<std::uint8_t> anomalous;  ///< as many, or none
};

/// A sample file, taken apart; everything in it holds together but the values themselves.
struct SampleFileParts {
  int type = 0;
  Shape shape;
  std::size_t row_bytes = 0;
  std::span<const std::byte> values;     ///< [samples, row_bytes], within the file
  std::vector<std::uint64_t> checksums;  ///< [samples]
  std::array<StoredSplit, 3> splits;
  std::vector<std::int32_t> groups;
  std::vector<std::string> class_names;
  Findings findings;
};

/// Throws DataError that begins with `place` for what is no such file, is of another version,
/// machine or identity, cut off or damaged.
SampleFileParts parse_sample_file(std::span<const std::byte> file, const Identity& identity,
                                  std::string_view place);

/// So many bytes of values are checked in less time than anyone notices (a quarter of a second).
inline constexpr std::size_t kCheckedAtOnce = std::size_t{1} << 30;

/// Maps a sample file. Values are checked here where they are at most `checked_at_once` bytes, else
/// each sample where it is first read: a damaged one throws DataError and removes the file from
/// `place`, where it lies or will lie. Throws DataError as above, also where there is no such file.
RawDataset open_sample_file(const std::filesystem::path& path, const Identity& identity,
                            const std::filesystem::path& place,
                            std::size_t checked_at_once = kCheckedAtOnce);

/// Something that could not be written; the text names the file and the reason.
struct WriteFailure {
  std::string text;
};

/// Writes a sample file while the set is read.
class SampleFileWriter {
 public:
  /// `descriptor`: an empty file, open for writing as long as this lives; `place` its name.
  SampleFileWriter(int descriptor, std::string place)
      : descriptor_(descriptor), place_(std::move(place)) {}

  /// Moves the values that `set` holds in memory, whole samples of one length, to the file. Throws
  /// WriteFailure.
  void take(RawDataset& set);
  /// Writes the rest of `set` and flushes it to the disk: the file is whole.
  void finish(RawDataset& set, const Identity& identity);

  bool empty() const { return checksums_.empty(); }

 private:
  template <class T>
  void take_column(SampleColumn<T>& column, std::size_t split, std::size_t samples);
  void write(std::span<const std::byte> bytes, std::uint64_t at);

  int descriptor_;
  std::string place_;
  std::uint64_t end_ = 0;  // of the values, from the first one on
  int type_ = 0;
  std::size_t row_bytes_ = 0;
  std::vector<std::uint64_t> checksums_;
  std::array<std::vector<std::uint32_t>, 3> rows_;
};

}  // namespace thimble
