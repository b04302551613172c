#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble {

// Records of PhysioNet (WFDB Programmer's Guide, header(5), signal(5), annot(5)): `NAME.hea` says
// in words what lies in `NAME.dat` (signals) and `NAME.atr` (marks).

/// One signal of a record: x = (number − baseline) / gain, in the signal's unit (mV).
struct WfdbSignal {
  double gain = 200;
  double baseline = 0;
};

struct WfdbHeader {
  std::string data_file;  ///< without folders
  int format = 0;         ///< 16 or 212
  std::vector<WfdbSignal> signals;
};

/// Throws DataError beginning with `place` for what is no header, and for what is not read here:
/// several segments, several files, another format than 16 and 212, several samples a frame.
WfdbHeader parse_wfdb_header(std::string_view text, std::string_view place);

/// [samples, signals]. Two's complement, the signals in turn:
///
///     212    two samples in three bytes: low 8 bits of the first; the high 4 of the first in the
///            low half and the high 4 of the second in the high half; low 8 bits of the second
///     16     two bytes each, low byte first
///
/// Throws DataError beginning with `place` for a file that ends within a sample.
std::vector<float> decode_wfdb_signals(std::span<const std::uint8_t> file, const WfdbHeader& header,
                                       std::string_view place);

/// A mark: what happens (the WFDB library's ecgcodes.h) at which sample.
struct WfdbMark {
  std::int64_t sample = 0;
  int code = 0;
};

/// Words of 16 bits, low byte first: the code in the high 6, the samples since the mark before in
/// the low 10; a word 0 ends the file. Codes that are no marks:
///
///     59  SKIP       the next two words are samples to add, the high word first
///     60, 61, 62     a field of the mark (number, subtype, channel): passed over
///     63  AUX        so many bytes of text follow, filled up to whole words: passed over
///
/// Throws DataError beginning with `place` for a file that is cut off or goes back in time.
std::vector<WfdbMark> parse_wfdb_marks(std::span<const std::uint8_t> file, std::string_view place);

}  // namespace thimble
