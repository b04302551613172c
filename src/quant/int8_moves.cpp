#include "quant/int8_moves.hpp"

#include <algorithm>

namespace thimble::int8 {
namespace {

std::size_t pixels(Shape shape) {
  return static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width);
}
std::size_t pixel_length(Shape shape) {
  return static_cast<std::size_t>(pairs(shape.channels)) * kPairLength;
}

/// Where channel c of sample 0 stands in a pixel; the next sample is two further.
std::size_t offset(std::size_t c) { return c / 2 * kPairLength + c % 2; }

void copy_channel(const std::int16_t* from, std::size_t c, std::int16_t* to, std::size_t d) {
  from += offset(c);
  to += offset(d);
  for (std::size_t i = 0; i < kPairLength; i += 2) to[i] = from[i];
}

}  // namespace

void pack(std::span<const std::int8_t> samples, int count, Shape shape, std::int32_t zero_point,
          std::int16_t* packed) {
  std::fill_n(packed, packed_length(shape), std::int16_t{0});
  const auto channels = static_cast<std::size_t>(shape.channels);
  auto from = samples.begin();
  for (std::size_t lane = 0; lane < static_cast<std::size_t>(count); ++lane) {
    for (std::size_t pixel = 0; pixel < pixels(shape); ++pixel) {
      std::int16_t* to = packed + pixel * pixel_length(shape) + 2 * lane;
      for (std::size_t c = 0; c < channels; ++c) {
        to[offset(c)] = static_cast<std::int16_t>(*from++ - zero_point);
      }
    }
  }
}

void unpack(const std::int16_t* packed, int count, Shape shape, std::int32_t zero_point,
            std::span<std::int8_t> samples) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  auto to = samples.begin();
  for (std::size_t lane = 0; lane < static_cast<std::size_t>(count); ++lane) {
    for (std::size_t pixel = 0; pixel < pixels(shape); ++pixel) {
      const std::int16_t* from = packed + pixel * pixel_length(shape) + 2 * lane;
      for (std::size_t c = 0; c < channels; ++c) {
        *to++ = static_cast<std::int8_t>(from[offset(c)] + zero_point);
      }
    }
  }
}

void run(const Concatenation& plan, std::span<const std::int16_t* const> in, std::int16_t* out) {
  std::size_t channels = 0;
  for (const Shape& shape : plan.inputs) channels += static_cast<std::size_t>(shape.channels);
  const std::size_t out_length = (channels + 1) / 2 * kPairLength;
  for (std::size_t pixel = 0; pixel < pixels(plan.inputs[0]); ++pixel) {
    std::int16_t* to = out + pixel * out_length;
    std::size_t d = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const std::size_t length = pixel_length(plan.inputs[i]);
      const std::int16_t* from = in[i] + pixel * length;
      const auto count = static_cast<std::size_t>(plan.inputs[i].channels);
      if (d % 2 == 0) {
        // Whole pairs; what an odd last one brings along is overwritten by the next input.
        std::copy_n(from, length, to + offset(d));
      } else {
        for (std::size_t c = 0; c < count; ++c) copy_channel(from, c, to, d + c);
      }
      d += count;
    }
  }
}

void run(const Padded& plan, const std::int16_t* in, std::int16_t* out) {
  const std::size_t length = pixel_length(plan.in);
  const std::size_t in_row = static_cast<std::size_t>(plan.in.width) * length;
  const std::size_t out_row = static_cast<std::size_t>(plan.out.width) * length;
  std::fill_n(out, packed_length(plan.out), std::int16_t{0});
  out += static_cast<std::size_t>(plan.amounts.top) * out_row +
         static_cast<std::size_t>(plan.amounts.left) * length;
  for (int y = 0; y < plan.in.height; ++y) {
    std::copy_n(in, in_row, out);
    in += in_row;
    out += out_row;
  }
}

void run(const Reshaping& plan, const std::int16_t* in, std::int16_t* out) {
  if (plan.in.channels % 2 == 0) {
    std::copy_n(in, packed_length(plan.in), out);
    return;
  }
  const auto channels = static_cast<std::size_t>(plan.in.channels);
  for (std::size_t pixel = 0; pixel < pixels(plan.in); ++pixel) {
    const std::int16_t* from = in + pixel * pixel_length(plan.in);
    for (std::size_t c = 0; c < channels; ++c) copy_channel(from, c, out, pixel * channels + c);
  }
}

void run(const Resizing& plan, const std::int16_t* in, std::int16_t* out) {
  const std::size_t length = pixel_length(plan.in);
  for (const int row : plan.rows) {
    for (const int column : plan.columns) {
      const auto place = static_cast<std::size_t>(row * plan.in.width + column);
      out = std::copy_n(in + place * length, length, out);
    }
  }
}

void run(const Lookup& plan, std::span<const std::int16_t> in, std::int16_t* out) {
  // What stands in an unused half may be anything, and finds some value as well.
  std::ranges::transform(in, out, [&](std::int16_t x) {
    return plan.values[static_cast<std::uint8_t>(x + plan.in_zero_point)];
  });
}

void run(const SoftmaxPlan& plan, const std::int16_t* in, std::int16_t* out) {
  const auto channels = static_cast<std::size_t>(plan.shape.channels);
  std::vector<std::int8_t> logits(channels);
  std::vector<std::int8_t> probabilities(channels);
  for (std::size_t pixel = 0; pixel < pixels(plan.shape); ++pixel) {
    const std::size_t start = pixel * pixel_length(plan.shape);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t c = 0; c < channels; ++c) {
        logits[c] = static_cast<std::int8_t>(in[start + offset(c) + 2 * lane] + plan.in_zero_point);
      }
      plan.softmax.row(logits, probabilities);
      for (std::size_t c = 0; c < channels; ++c) {
        out[start + offset(c) + 2 * lane] =
            static_cast<std::int16_t>(probabilities[c] - kSoftmaxParams.zero_point);
      }
    }
  }
}

}  // namespace thimble::int8
