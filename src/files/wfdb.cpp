#include "thimble/files/wfdb.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

#include "thimble/core/error.hpp"
#include "thimble/core/printable.hpp"

namespace thimble {
namespace {

constexpr int kMostSignals = 64;

/// The number at the beginning of a word, which `word` loses; nothing when there is none.
std::optional<double> number_at_front(std::string_view& word) {
  double value = 0;
  const auto [stop, status] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (status != std::errc{} || !std::isfinite(value)) return std::nullopt;
  word.remove_prefix(static_cast<std::size_t>(stop - word.data()));
  return value;
}

std::optional<int> whole(std::string_view word) {
  const auto value = number_at_front(word);
  if (!value || !word.empty() || *value != std::floor(*value) || std::abs(*value) > 1e9) {
    return std::nullopt;
  }
  return static_cast<int>(*value);
}

/// The words of a line.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// `FILE FORMAT GAIN(BASELINE)/UNIT RESOLUTION ZERO …`: from GAIN on all may be missing.
WfdbSignal parse_signal(const std::vector<std::string>& words, std::string_view where) {
  WfdbSignal signal;
  if (words.size() > 4) signal.baseline = whole(words[4]).value_or(0);
  if (words.size() < 3) return signal;
  std::string_view gain = words[2];
  const auto value = number_at_front(gain);
  // Others would make numbers that float does not hold.
  if (!value || (*value != 0 && (std::abs(*value) < 1e-6 || std::abs(*value) > 1e9))) {
    raise<DataError>("{}: gain = {}: a number expected, 1e-6 to 1e9", where, printable(words[2]));
  }
  // 0 stands for "not said".
  if (*value != 0) signal.gain = *value;
  if (gain.starts_with('(')) {
    gain.remove_prefix(1);
    const auto baseline = number_at_front(gain);
    if (!baseline || !gain.starts_with(')') || std::abs(*baseline) > 1e9) {
      raise<DataError>("{}: gain = {}: GAIN(BASELINE) expected", where, printable(words[2]));
    }
    signal.baseline = *baseline;
  }
  return signal;
}

std::uint32_t word_at(std::span<const std::uint8_t> file, std::size_t at, std::string_view place) {
  if (at + 2 > file.size()) raise<DataError>("{}: is cut off: its marks have no end", place);
  return file[at] | std::uint32_t{file[at + 1]} << 8;
}

/// The low 12 bits as two's complement.
int twelve_bits(unsigned bits) { return static_cast<int>(bits ^ 0x800U) - 0x800; }

}  // namespace

WfdbHeader parse_wfdb_header(std::string_view text, std::string_view place) {
  WfdbHeader header;
  std::istringstream lines{std::string(text)};
  std::size_t number = 0;
  std::size_t signals = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    const std::string where = fmt::format("{}:{}", place, number);
    if (signals == 0) {
      if (words[0].find('/') != std::string::npos) {
        raise<DataError>("{}: {}: a record of several segments is not read", where,
                         printable(words[0]));
      }
      const auto count = words.size() < 2 ? std::nullopt : whole(words[1]);
      if (!count || *count < 1 || *count > kMostSignals) {
        raise<DataError>("{}: NAME SIGNALS expected, 1 to {} of them", where, kMostSignals);
      }
      signals = static_cast<std::size_t>(*count);
      continue;
    }
    if (words.size() < 2) raise<DataError>("{}: FILE FORMAT expected", where);
    const auto format = whole(words[1]);
    if (!format || (*format != 16 && *format != 212)) {
      raise<DataError>("{}: format = {}: 16 or 212 expected", where, printable(words[1]));
    }
    const bool named = words[0].find_first_of("/\\") == std::string::npos && words[0][0] != '.';
    const bool same =
        header.signals.empty() || (words[0] == header.data_file && *format == header.format);
    if (!named || !same) {
      raise<DataError>("{}: file = {}: one file beside the header, of one format, expected", where,
                       printable(words[0]));
    }
    header.data_file = words[0];
    header.format = *format;
    header.signals.push_back(parse_signal(words, where));
    if (header.signals.size() == signals) return header;
  }
  raise<DataError>("{}: signals = {}: {} expected", place, header.signals.size(),
                   signals > 0 ? std::to_string(signals) : "at least 1");
}

std::vector<float> decode_wfdb_signals(std::span<const std::uint8_t> file, const WfdbHeader& header,
                                       std::string_view place) {
  std::vector<int> numbers;
  if (header.format == 212) {
    for (std::size_t at = 0; at + 2 <= file.size(); at += 3) {
      numbers.push_back(twelve_bits(file[at] | (file[at + 1] & 0x0FU) << 8));
      // A single last sample takes two bytes.
      if (at + 2 == file.size()) break;
      numbers.push_back(twelve_bits(file[at + 2] | (file[at + 1] & 0xF0U) << 4));
    }
  } else {
    for (std::size_t at = 0; at + 2 <= file.size(); at += 2) {
      numbers.push_back(static_cast<std::int16_t>(file[at] | file[at + 1] << 8));
    }
  }
  const std::size_t left = header.format == 212 ? file.size() % 3 % 2 : file.size() % 2;
  if (left != 0 || numbers.empty() || numbers.size() % header.signals.size() != 0) {
    raise<DataError>("{}: size = {} bytes: is cut off within a sample of {} signals", place,
                     file.size(), header.signals.size());
  }
  std::vector<float> values;
  values.reserve(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const WfdbSignal& signal = header.signals[i % header.signals.size()];
    values.push_back(static_cast<float>((numbers[i] - signal.baseline) / signal.gain));
  }
  return values;
}

std::vector<WfdbMark> parse_wfdb_marks(std::span<const std::uint8_t> file, std::string_view place) {
  constexpr std::uint32_t kSkip = 59;
  constexpr std::uint32_t kAux = 63;
  constexpr std::int64_t kMostSamples = std::int64_t{1} << 40;
  std::vector<WfdbMark> marks;
  std::int64_t sample = 0;
  for (std::size_t at = 0;;) {
    const std::uint32_t word = word_at(file, at, place);
    at += 2;
    if (word == 0) return marks;
    const std::uint32_t code = word >> 10;
    const std::uint32_t low = word & 0x3FF;
    if (code == kSkip) {
      const std::uint32_t skip = word_at(file, at, place) << 16 | word_at(file, at + 2, place);
      sample += static_cast<std::int32_t>(skip);
      at += 4;
    } else if (code == kAux) {
      at += low + low % 2;
    } else if (code < kSkip) {
      sample += low;
      marks.push_back({.sample = sample, .code = static_cast<int>(code)});
    }
    if (sample < 0 || sample > kMostSamples) {
      raise<DataError>("{}: mark {}: sample = {}: is damaged", place, marks.size(), sample);
    }
  }
}

}  // namespace thimble
