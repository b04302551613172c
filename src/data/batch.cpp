#include "thimble/data/batch.hpp"

#include <array>
#include <cmath>
#include <numeric>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// What one thread needs to place images; its vectors keep their memory from batch to batch.
struct Workspace {
  std::vector<std::array<float, 256>> normalised;  // [C][byte]
  std::vector<float> scale, offset;                // [C]: y = byte · scale + offset
  std::vector<int> rows, columns;                  // where each output row and column is read
  std::vector<float> framed;  // [H + 2, W + 2, C]: the image in a frame of zeros
};

void prepare(const Normalisation& normalisation, bool bytes, double full, Workspace& work) {
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
float* normalise_row(std::span<const std::uint8_t> row, std::size_t channels, const Workspace& work,
                     float* out) {
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
                   Workspace& work, float* out) {
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
void place_upright(std::span<const T> sample, Shape shape, const Placement& placement,
                   Workspace& work, float* out) {
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

/// Reads the image turned by φ about its centre (cx, cy): pixel (x, y) comes from
///     u = cx + cos φ (x − cx) + sin φ (y − cy),   v = cy − sin φ (x − cx) + cos φ (y − cy).
void place_turned(std::span<const std::uint8_t> image, Shape shape, const Placement& placement,
                  Workspace& work, float* out) {
  frame(image, shape, placement.mirrored, work.framed);
  const int channels = shape.channels;
  const std::ptrdiff_t stride = std::ptrdiff_t{shape.width + 2} * channels;
  const auto cosine = static_cast<float>(std::cos(placement.radians));
  const auto sine = static_cast<float>(std::sin(placement.radians));
  const float centre_x = 0.5F * static_cast<float>(shape.width - 1);
  const float centre_y = 0.5F * static_cast<float>(shape.height - 1);
  const auto past_right = static_cast<float>(shape.width + 1);
  const auto past_bottom = static_cast<float>(shape.height + 1);
  for (const int source_row : work.rows) {
    const float y = static_cast<float>(source_row) - centre_y;
    // In the frame everything lies one further right and down; there, truncating is rounding down.
    const float u_of_row = centre_x + sine * y + 1;
    const float v_of_row = centre_y + cosine * y + 1;
    for (const int source_column : work.columns) {
      const float x = static_cast<float>(source_column) - centre_x;
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

void fill_batch(const Samples& samples, const Normalisation& normalisation,
                std::span<const std::uint32_t> indices, const AugmentationPolicy* policy,
                std::uint64_t seed, int epoch, std::span<float> out) {
  const Shape shape = samples.shape;
  const auto elements = static_cast<std::size_t>(shape.elements());
  THIMBLE_ASSERT(out.size() == indices.size() * elements);
  THIMBLE_ASSERT(normalisation.mean.size() == static_cast<std::size_t>(shape.channels));
  THIMBLE_ASSERT(normalisation.stddev.size() == normalisation.mean.size());
  thread_local Workspace work;
  const bool images = samples.sound.empty() && samples.values.empty() && samples.features.empty();
  const double full =
      with_values(samples, []<class T>(const SampleColumn<T>&) { return full_scale(T{}); });
  prepare(normalisation, images, full, work);
  const Rng rng = Rng(seed).fork(static_cast<std::uint64_t>(epoch));
  float* to = out.data();
  for (const std::uint32_t index : indices) {
    THIMBLE_ASSERT(index < samples.size());
    const Placement placement =
        policy ? draw_placement(*policy, shape, rng.fork(index)) : Placement{};
    find_sources(shape.height, placement.down, work.rows);
    find_sources(shape.width, placement.right, work.columns);
    if (images && placement.radians != 0) {
      place_turned(samples.image(index), shape, placement, work, to);
    } else {
      with_values(samples, [&]<class T>(const SampleColumn<T>& values) {
        place_upright(values.row(index, elements), shape, placement, work, to);
      });
    }
    to += elements;
  }
}

void prefetch(const Samples& samples, std::span<const std::uint32_t> indices) {
  with_values(samples, [&](const auto& values) {
    for (const std::uint32_t index : indices) values.prefetch(index);
  });
}

std::vector<std::uint32_t> epoch_order(std::size_t n, std::uint64_t seed, int epoch) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  Rng(seed).fork(static_cast<std::uint64_t>(epoch)).shuffle(std::span(order));
  return order;
}

}  // namespace thimble
