#include "thimble/frontend/cost.hpp"

#include "thimble/frontend/fixed_tables.hpp"

namespace thimble::frontend {
namespace {

template <class T>
std::int64_t bytes_of(const std::vector<T>& table) {
  return static_cast<std::int64_t>(table.size() * sizeof(T));
}

/// Decimation in time over n = fft_size / 2 complex values. A step of `length` has n / length
/// butterflies for each of its length / 2 roots; the roots 1 and −i need no multiplication, another
/// one four.
std::int64_t fft_multiplies(const Settings& s) {
  const std::int64_t n = s.fft_size / 2;
  std::int64_t multiplies = 0;
  for (std::int64_t length = 2; length <= n; length *= 2) {
    const std::int64_t trivial = length == 2 ? 1 : 2;
    multiplies += 4 * (length / 2 - trivial) * (n / length);
  }
  return multiplies;
}

/// One bin out of the halves: four for a root that is not trivial, then re² + im².
std::int64_t bin_multiplies(const Settings& s, int bin) {
  const bool trivial = bin == 0 || bin == s.fft_size / 4 || bin == s.fft_size / 2;
  return (trivial ? 0 : 4) + 2;
}

std::int64_t spectrum_multiplies(const Settings& s, const FixedTables& tables) {
  std::int64_t multiplies = 0;
  if (s.kind == Kind::kStft) {
    for (int bin = 0; bin < s.bins(); ++bin) multiplies += bin_multiplies(s, bin);
    return multiplies;
  }
  for (std::size_t j = 0; j + 1 < tables.first_bin.size(); ++j) {
    const bool one_sided = j == 0 || j + 2 == tables.first_bin.size();
    for (int bin = tables.first_bin[j]; bin < tables.first_bin[j + 1]; ++bin) {
      multiplies += bin_multiplies(s, bin) + (one_sided ? 1 : 2);
    }
  }
  return multiplies;
}

/// From the logarithms of one frame to its features: the sum with the offset interpolates twice.
std::int64_t finish_multiplies(const Settings& s, std::int64_t bands) {
  const std::int64_t settle = s.log.kind != LogKind::kNone && s.log.offset > 0 ? 2 * bands : 0;
  std::int64_t transform = 0;
  if (s.kind == Kind::kMfcc) {
    for (int k = 0; k < s.dct_coefficients; ++k)
      transform += k % 2 == 0 ? (bands + 1) / 2 : bands / 2;
  }
  return settle + transform + s.width();
}

}  // namespace

Cost cost(const Settings& s) {
  const FixedTables tables = fixed_tables(s);
  const thb_frontend_settings device = device_settings(tables);
  Cost cost{
      .state = Bytes(thb_frontend_state_bytes(&device)),
      .scratch = Bytes(thb_frontend_scratch_bytes(&device)),
      .tables = Bytes(bytes_of(tables.sine) + bytes_of(tables.window) + bytes_of(tables.first_bin) +
                      bytes_of(tables.rise) + bytes_of(tables.log_gain) + bytes_of(tables.dct)),
      .code = kCodeBytes};
  const std::int64_t frames = s.frames();
  if (s.kind == Kind::kRaw) {
    cost.multiplies_per_frame = s.width();
  } else {
    const std::int64_t logarithms = s.log.kind == LogKind::kNone ? 0 : device.bands;
    cost.multiplies_per_frame =
        2 * s.window_length + fft_multiplies(s) + spectrum_multiplies(s, tables) + logarithms;
    const std::int64_t finish = finish_multiplies(s, device.bands);
    if (s.level == Level::kClipMaximum) {
      cost.multiplies_per_read = 1 + frames * finish;  // 1: the logarithm of the level
    } else {
      cost.multiplies_per_frame += finish;
    }
  }
  cost.multiplies_per_second =
      static_cast<double>(cost.multiplies_per_frame) * s.sample_rate / s.hop_length;
  cost.multiplies_per_clip = frames * cost.multiplies_per_frame + cost.multiplies_per_read;
  return cost;
}

}  // namespace thimble::frontend
