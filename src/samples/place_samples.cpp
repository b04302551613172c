#include "place_samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace thimble {
namespace {

/// Where each place of an axis is read that moved and repeats as its mirror image at both ends:
/// … 1 0 0 1 2 … n−1 n−1 n−2 …
void find_sources(int length, int moved, std::vector<int>& sources) {
  sources.resize(static_cast<std::size_t>(length));
  const int period = 2 * length;
  int at = (period - moved % period) % period;
  for (int& source : sources) {
    source = at < length ? at : period - 1 - at;
    if (++at == period) at = 0;
  }
}

/// Columns as few runs, each of which goes one way.
void find_runs(std::span<const int> columns, std::vector<PixelRun>& runs) {
  runs.clear();
  for (const int column : columns) {
    if (!runs.empty()) {
      PixelRun& last = runs.back();
      const int step = column - (last.first + last.step * (last.count - 1));
      if (step == last.step || (last.count == 1 && (step == 1 || step == -1))) {
        last.step = step;
        ++last.count;
        continue;
      }
    }
    runs.push_back({.first = column, .step = 1, .count = 1});
  }
}

/// Values from the last one on; bytes by eights.
template <class T>
T* pick_backwards(const T* last, int count, T* picked) {
  if constexpr (sizeof(T) == 1) {
    for (; count >= 8; count -= 8, last -= 8, picked += 8) {
      std::uint64_t eight;
      std::memcpy(&eight, last - 7, 8);
      eight = __builtin_bswap64(eight);
      std::memcpy(picked, &eight, 8);
    }
  }
  return std::reverse_copy(last - count + 1, last + 1, picked);
}

/// The pixels of a run, `channels` values each; answers with what is behind the last.
template <class T>
T* pick(const T* row, const PixelRun& run, std::ptrdiff_t channels, T* picked) {
  const T* pixel = row + run.first * channels;
  if (run.step == 1) return std::copy_n(pixel, run.count * channels, picked);
  if (channels == 1) return pick_backwards(pixel, run.count, picked);
  if (channels == 3) {  // photographs
    for (int i = 0; i < run.count; ++i, pixel -= 3, picked += 3) {
      picked[0] = pixel[0];
      picked[1] = pixel[1];
      picked[2] = pixel[2];
    }
    return picked;
  }
  for (int i = 0; i < run.count; ++i, pixel -= channels) {
    picked = std::copy_n(pixel, channels, picked);
  }
  return picked;
}

/// Moves and mirrors whole pixels; no arithmetic on their values but to normalise them.
template <class T>
void place_upright(std::span<const T> sample, Shape shape, const Placement& placement,
                   PlacingWorkspace& work, float* out) {
  if (!placement.mirrored && placement.right == 0 && placement.down == 0) {
    normalise(sample, work.patterns, out);
    return;
  }
  find_sources(shape.height, placement.down, work.rows);
  find_sources(shape.width, placement.right, work.columns);
  if (placement.mirrored) {
    for (int& column : work.columns) column = shape.width - 1 - column;
  }
  find_runs(work.columns, work.runs);
  const std::ptrdiff_t row_size = std::ptrdiff_t{shape.width} * shape.channels;
  work.picked.resize(sample.size() * sizeof(T));
  T* const picked = reinterpret_cast<T*>(work.picked.data());
  T* to = picked;
  for (const int source : work.rows) {
    const T* row = sample.data() + source * row_size;
    for (const PixelRun& run : work.runs) to = pick(row, run, shape.channels, to);
  }
  normalise(std::span<const T>(picked, sample.size()), work.patterns, out);
}

/// Where a crop reads each output pixel of an axis: at `sources` where it is the whole.
void find_positions(const std::vector<int>& sources, double first, double share,
                    std::vector<float>& positions) {
  positions.resize(sources.size());
  const auto length = static_cast<double>(sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const double position = (sources[i] + 0.5) * share + first * length - 0.5;
    positions[i] = static_cast<float>(std::clamp(position, 0.0, length - 1));
  }
}

/// Reads the image turned by φ about its centre (cx, cy): place (x, y) comes from
///     u = cx + cos φ (x − cx) + sin φ (y − cy),   v = cy − sin φ (x − cx) + cos φ (y − cy).
void place_between(std::span<const std::uint8_t> image, Shape shape, const Placement& placement,
                   PlacingWorkspace& work, float* out) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  work.upright.resize(image.size() + kFramedChannels);
  normalise(image, work.patterns, work.upright.data());
  frame(work.upright.data(), shape, placement.mirrored, work.patterns, work.framed);
  find_sources(shape.height, placement.down, work.rows);
  find_sources(shape.width, placement.right, work.columns);
  find_positions(work.rows, placement.crop.top, placement.crop.height, work.down);
  find_positions(work.columns, placement.crop.left, placement.crop.width, work.right);
  const float centre_x = 0.5F * static_cast<float>(shape.width - 1);
  const float centre_y = 0.5F * static_cast<float>(shape.height - 1);
  for (float& x : work.right) x -= centre_x;
  work.right.resize(work.columns.size() + kBlockPixels);
  SlantedRow row{.cosine = static_cast<float>(std::cos(placement.radians)),
                 .sine = static_cast<float>(std::sin(placement.radians)),
                 .right = std::span(work.right).first(work.columns.size())};
  const std::size_t row_size = work.columns.size() * channels;
  work.row.resize(row_size + kFramedChannels);
  for (std::size_t i = 0; i < work.down.size(); ++i, out += row_size) {
    const float y = work.down[i] - centre_y;
    row.u = centre_x + row.sine * y + 1;
    row.v = centre_y + row.cosine * y + 1;
    // What a row spills is the begin of the next ones; behind the last one lies another sample.
    const bool at_end = (work.down.size() - 1 - i) * row_size < kFramedChannels;
    read_between(work.framed, row, channels, at_end ? work.row.data() : out);
    if (at_end) std::copy_n(work.row.begin(), row_size, out);
  }
}

}  // namespace

void place(std::span<const std::uint8_t> image, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out) {
  if (placement.radians != 0 || placement.crop != Crop{}) {
    place_between(image, shape, placement, work, out);
  } else {
    place_upright(image, shape, placement, work, out);
  }
}

void place(std::span<const std::int16_t> sound, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out) {
  place_upright(sound, shape, placement, work, out);
}

void place(std::span<const float> values, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out) {
  place_upright(values, shape, placement, work, out);
}

void place(std::span<const std::int8_t> features, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out) {
  place_upright(features, shape, placement, work, out);
}

}  // namespace thimble
