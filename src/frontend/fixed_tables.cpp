#include "thimble/frontend/fixed_tables.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "thimble/frontend/float_frontend.hpp"
#include "thimble/frontend/mel.hpp"

namespace thimble::frontend {
namespace {

template <class T>
T fixed(double value, int fraction_bits) {
  const double scaled = std::round(std::ldexp(value, fraction_bits));
  return static_cast<T>(std::clamp(scaled, static_cast<double>(std::numeric_limits<T>::min()),
                                   static_cast<double>(std::numeric_limits<T>::max())));
}

std::int32_t fixed_log(double value) {
  return value == 0 ? THB_LOG_OF_ZERO : fixed<std::int32_t>(std::log2(value), 16);
}

thb_factor fixed_factor(double value) {
  int exponent = 0;
  double mantissa = std::round(std::ldexp(std::frexp(value, &exponent), 31));
  if (mantissa == std::ldexp(1.0, 31)) {
    mantissa /= 2;
    ++exponent;
  }
  return {static_cast<std::int32_t>(mantissa), exponent - 31};
}

/// What a base 2 logarithm, a sum of the cosine transform or a plain value is multiplied by.
double factor_of(const Settings& s) {
  double factor = 1 / s.quantisation.scale;
  if (s.kind == Kind::kRaw || s.log.kind == LogKind::kNone) return factor;
  if (s.log.kind == LogKind::kNatural) {
    factor *= std::numbers::ln2;
  } else {
    factor *= (s.spectrum == Spectrum::kPower ? 10 : 20) * std::log10(2.0);
  }
  if (s.kind == Kind::kMfcc) factor *= std::sqrt(2.0 / s.mel.bands);
  return factor;
}

void add_mel(FixedTables& tables) {
  const MelBank bank = mel_bank(tables.settings);
  for (const int bin : bank.first_bin) tables.first_bin.push_back(static_cast<std::uint16_t>(bin));
  for (const double rise : bank.rise) tables.rise.push_back(fixed<std::uint16_t>(rise, 15));
  if (!tables.settings.mel.unit_area) return;
  for (const double gain : bank.gain) {
    tables.log_gain.push_back(fixed<std::int16_t>(std::log2(gain), 11));
  }
}

void add_dct(FixedTables& tables) {
  const int bands = tables.settings.mel.bands;
  for (int k = 0; k < tables.settings.dct_coefficients; ++k) {
    for (int b = 0; b < (bands + 1) / 2; ++b) {
      const double cosine = std::cos(std::numbers::pi * k * (b + 0.5) / bands);
      tables.dct.push_back(fixed<std::int16_t>(cosine, 14));
    }
  }
}

template <class T>
const T* start(const std::vector<T>& table) {
  return table.empty() ? nullptr : table.data();
}

thb_frontend_kind device_kind(Kind kind) {
  switch (kind) {
    case Kind::kRaw:
      return THB_RAW;
    case Kind::kStft:
      return THB_STFT;
    case Kind::kLogMel:
      return THB_LOG_MEL;
    case Kind::kMfcc:
      return THB_MFCC;
  }
  return THB_RAW;
}

}  // namespace

FixedTables fixed_tables(const Settings& s) {
  check(s);
  FixedTables tables{.settings = s, .factor = fixed_factor(factor_of(s))};
  if (s.kind == Kind::kRaw) return tables;
  for (int k = 0; k <= s.fft_size / 4; ++k) {
    const double sine = std::sin(2 * std::numbers::pi * k / s.fft_size);
    tables.sine.push_back(fixed<std::int16_t>(sine, 15));
  }
  const auto window = window_weights(s);
  for (int i = 0; i <= s.window_length / 2; ++i) {
    tables.window.push_back(
        fixed<std::uint16_t>(std::sqrt(window[static_cast<std::size_t>(i)]), 16));
  }
  tables.log_offset = fixed_log(s.log.kind == LogKind::kNone ? 0 : s.log.offset);
  tables.log_floor = fixed_log(s.log.kind == LogKind::kNone ? 0 : s.log.floor);
  if (s.kind == Kind::kLogMel || s.kind == Kind::kMfcc) add_mel(tables);
  if (s.kind == Kind::kMfcc) add_dct(tables);
  return tables;
}

thb_frontend_settings device_settings(const FixedTables& tables) {
  const Settings& s = tables.settings;
  const bool spectral = s.kind != Kind::kRaw;
  const int fft_bits = std::bit_width(static_cast<unsigned>(s.fft_size)) - 1;
  const int bands = !spectral ? 0 : s.kind == Kind::kStft ? s.bins() : s.mel.bands;
  return {.kind = static_cast<std::uint8_t>(device_kind(s.kind)),
          .power = spectral && s.spectrum == Spectrum::kPower,
          .logarithmic = spectral && s.log.kind != LogKind::kNone,
          .clip_maximum = s.level == Level::kClipMaximum,
          .truncate = s.quantisation.rounding == Rounding::kTruncate,
          .zero_point = static_cast<std::int8_t>(s.quantisation.zero_point),
          .window_length = static_cast<std::uint16_t>(s.window_length),
          .hop_length = static_cast<std::uint16_t>(s.hop_length),
          .clip_length = static_cast<std::uint32_t>(s.clip_length),
          .frames = static_cast<std::uint32_t>(s.frames()),
          .width = static_cast<std::uint16_t>(s.width()),
          .bands = static_cast<std::uint16_t>(bands),
          .fft = {.sine = start(tables.sine),
                  .log2_size = static_cast<std::uint8_t>(spectral ? fft_bits : 0)},
          .window = start(tables.window),
          .first_bin = start(tables.first_bin),
          .rise = start(tables.rise),
          .log_gain = start(tables.log_gain),
          .dct = start(tables.dct),
          .log_offset = tables.log_offset,
          .log_floor = tables.log_floor,
          .factor = tables.factor};
}

}  // namespace thimble::frontend
