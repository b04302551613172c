#include "place_samples.hpp"

#include <algorithm>
#include <cmath>

namespace thimble {
namespace {

/// Position `i` on an axis that repeats as its mirror image at both ends: … 1 0 0 1 2 … n−1 n−1 n−2
/// …
int reflected(int i, int n) {
  const int within = ((i % (2 * n)) + 2 * n) % (2 * n);
  return within < n ? within : 2 * n - 1 - within;
}

void find_sources(int length, int moved, std::vector<int>& sources) {
  sources.resize(static_cast<std::size_t>(length));
  for (int i = 0; i < length; ++i)
    sources[static_cast<std::size_t>(i)] = reflected(i - moved, length);
}

/// A row as it is. Three channels are most of all images, and twice as fast by name.
float* normalise_row(std::span<const std::uint8_t> row, std::size_t channels,
                     const PlacingWorkspace& work, float* out) {
  if (channels == 1) {
    const auto& grey = work.normalised[0];
    for (const std::uint8_t value : row) *out++ = grey[value];
    return out;
  }
  if (channels == 3) {
    const auto& red = work.normalised[0];
    const auto& green = work.normalised[1];
    const auto& blue = work.normalised[2];
    for (std::size_t i = 0; i < row.size(); i += 3) {
      *out++ = red[row[i]];
      *out++ = green[row[i + 1]];
      *out++ = blue[row[i + 2]];
    }
    return out;
  }
  for (std::size_t i = 0; i < row.size(); ++i) *out++ = work.normalised[i % channels][row[i]];
  return out;
}

/// Moves and mirrors by looking pixels up; no arithmetic on their values.
void place_upright(std::span<const std::uint8_t> image, Shape shape, const Placement& placement,
                   PlacingWorkspace& work, float* out) {
  if (placement.mirrored) {
    for (int& column : work.columns) column = shape.width - 1 - column;
  }
  const int channels = shape.channels;
  const bool as_it_is = !placement.mirrored && placement.right == 0;
  const auto row_size = static_cast<std::size_t>(shape.width * channels);
  for (const int source : work.rows) {
    const std::uint8_t* row = image.data() + std::ptrdiff_t{source} * shape.width * channels;
    if (as_it_is) {
      out = normalise_row({row, row_size}, static_cast<std::size_t>(channels), work, out);
    } else if (channels == 1) {
      const float* normalised = work.normalised[0].data();
      for (const int column : work.columns) *out++ = normalised[row[column]];
    } else {
      for (const int column : work.columns) {
        const std::uint8_t* pixel = row + std::ptrdiff_t{column} * channels;
        for (int c = 0; c < channels; ++c)
          *out++ = work.normalised[static_cast<std::size_t>(c)][pixel[c]];
      }
    }
  }
}

/// The same for values that are too many for a table.
template <class T>
void place_values(std::span<const T> sample, Shape shape, const Placement& placement,
                  PlacingWorkspace& work, float* out) {
  find_sources(shape.height, placement.down, work.rows);
  find_sources(shape.width, placement.right, work.columns);
  if (placement.mirrored) {
    for (int& column : work.columns) column = shape.width - 1 - column;
  }
  const int channels = shape.channels;
  for (const int source : work.rows) {
    const T* row = sample.data() + std::ptrdiff_t{source} * shape.width * channels;
    for (const int column : work.columns) {
      const T* value = row + std::ptrdiff_t{column} * channels;
      for (int c = 0; c < channels; ++c) {
        const auto channel = static_cast<std::size_t>(c);
        *out++ = static_cast<float>(value[c]) * work.scale[channel] + work.offset[channel];
      }
    }
  }
}

void frame(std::span<const std::uint8_t> image, Shape shape, bool mirrored,
           std::vector<float>& framed) {
  const int channels = shape.channels;
  const std::ptrdiff_t stride = std::ptrdiff_t{shape.width + 2} * channels;
  framed.assign(static_cast<std::size_t>(stride * (shape.height + 2)), 0.0F);
  const std::uint8_t* pixel = image.data();
  for (int y = 0; y < shape.height; ++y) {
    float* row = framed.data() + stride * (y + 1);
    for (int x = 0; x < shape.width; ++x) {
      float* to = row + std::ptrdiff_t{mirrored ? shape.width - x : x + 1} * channels;
      for (int c = 0; c < channels; ++c) *to++ = static_cast<float>(*pixel++);
    }
  }
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
  frame(image, shape, placement.mirrored, work.framed);
  const int channels = shape.channels;
  const std::ptrdiff_t stride = std::ptrdiff_t{shape.width + 2} * channels;
  const auto cosine = static_cast<float>(std::cos(placement.radians));
  const auto sine = static_cast<float>(std::sin(placement.radians));
  const float centre_x = 0.5F * static_cast<float>(shape.width - 1);
  const float centre_y = 0.5F * static_cast<float>(shape.height - 1);
  find_positions(work.rows, placement.crop.top, placement.crop.height, work.down);
  find_positions(work.columns, placement.crop.left, placement.crop.width, work.right);
  const auto past_right = static_cast<float>(shape.width + 1);
  const auto past_bottom = static_cast<float>(shape.height + 1);
  for (const float position_down : work.down) {
    const float y = position_down - centre_y;
    // In the frame everything lies one further right and down; there, truncating is rounding down.
    const float u_of_row = centre_x + sine * y + 1;
    const float v_of_row = centre_y + cosine * y + 1;
    for (const float position_right : work.right) {
      const float x = position_right - centre_x;
      const float u = u_of_row + cosine * x;
      const float v = v_of_row - sine * x;
      if (!(u >= 0 && v >= 0 && u < past_right && v < past_bottom)) {
        for (int c = 0; c < channels; ++c) *out++ = work.offset[static_cast<std::size_t>(c)];
        continue;
      }
      const int left = static_cast<int>(u);
      const int top = static_cast<int>(v);
      const float to_right = u - static_cast<float>(left);
      const float to_bottom = v - static_cast<float>(top);
      const float* above = work.framed.data() + stride * top + std::ptrdiff_t{left} * channels;
      const float* below = above + stride;
      for (int c = 0; c < channels; ++c, ++above, ++below) {
        const float upper = above[0] + to_right * (above[channels] - above[0]);
        const float lower = below[0] + to_right * (below[channels] - below[0]);
        const float value = upper + to_bottom * (lower - upper);
        const auto channel = static_cast<std::size_t>(c);
        *out++ = value * work.scale[channel] + work.offset[channel];
      }
    }
  }
}

}  // namespace

void prepare(const Normalisation& normalisation, bool bytes, double full, PlacingWorkspace& work) {
  const std::size_t channels = normalisation.mean.size();
  work.normalised.resize(channels);
  work.scale.resize(channels);
  work.offset.resize(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const double mean = normalisation.mean[c];
    const double stddev = normalisation.stddev[c];
    for (std::size_t byte = 0; bytes && byte < 256; ++byte) {
      work.normalised[c][byte] =
          static_cast<float>((static_cast<double>(byte) / 255 - mean) / stddev);
    }
    work.scale[c] = static_cast<float>(1 / (full * stddev));
    work.offset[c] = static_cast<float>(-mean / stddev);
  }
}

void place(std::span<const std::uint8_t> image, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out) {
  find_sources(shape.height, placement.down, work.rows);
  find_sources(shape.width, placement.right, work.columns);
  if (placement.radians != 0 || placement.crop != Crop{}) {
    place_between(image, shape, placement, work, out);
  } else {
    place_upright(image, shape, placement, work, out);
  }
}

void place(std::span<const std::int16_t> sound, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out) {
  place_values(sound, shape, placement, work, out);
}

void place(std::span<const float> values, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out) {
  place_values(values, shape, placement, work, out);
}

void place(std::span<const std::int8_t> features, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out) {
  place_values(features, shape, placement, work, out);
}

}  // namespace thimble
