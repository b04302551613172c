#include <algorithm>
#include <array>
#include <cmath>

#include "quant/float_kernels.hpp"

namespace thimble::real {
namespace {

using Lanes = std::array<float, kLanes>;

float activated(float x, Activation activation) {
  if (activation == Activation::kNone) return x;
  x = std::max(x, 0.0F);
  return activation == Activation::kRelu6 ? std::min(x, 6.0F) : x;
}

}  // namespace

void pool(const Window& window, PoolKind kind, const float* in, float* out) {
  const auto channels = static_cast<std::size_t>(window.in.channels);
  for (int y = 0; y < window.out.height; ++y) {
    const Taps rows = window.rows(y);
    for (int x = 0; x < window.out.width; ++x) {
      const Taps columns = window.columns(x);
      const float share = 1.0F / static_cast<float>(rows.count() * columns.count());
      for (std::size_t c = 0; c < channels; ++c, out += kLanes) {
        Lanes result;
        result.fill(kind == PoolKind::kMax ? -INFINITY : 0.0F);
        for (int ky = rows.begin; ky < rows.end; ++ky) {
          for (int kx = columns.begin; kx < columns.end; ++kx) {
            const int pixel = (window.row(y) + ky) * window.in.width + window.column(x) + kx;
            const float* from = in + (static_cast<std::size_t>(pixel) * channels + c) * kLanes;
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
              result[lane] = kind == PoolKind::kMax ? std::max(result[lane], from[lane])
                                                    : result[lane] + from[lane];
            }
          }
        }
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          out[lane] = kind == PoolKind::kMax ? result[lane] : result[lane] * share;
        }
      }
    }
  }
}

void add(std::span<const float> first, std::span<const float> second, Activation activation,
         float* out) {
  for (std::size_t i = 0; i < first.size(); ++i) {
    out[i] = activated(first[i] + second[i], activation);
  }
}

void activate(std::span<const float> in, Activation activation, float* out) {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = activated(in[i], activation);
}

void concatenate(std::span<const float* const> in, std::span<const Shape> shapes, float* out) {
  const auto pixels = static_cast<std::size_t>(shapes[0].height * shapes[0].width);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t i = 0; i < in.size(); ++i) {
      const std::size_t run = static_cast<std::size_t>(shapes[i].channels) * kLanes;
      out = std::copy_n(in[i] + pixel * run, run, out);
    }
  }
}

void pad(const Pad& amounts, Shape in_shape, Shape out_shape, const float* in, float* out) {
  const std::size_t pixel = static_cast<std::size_t>(in_shape.channels) * kLanes;
  const std::size_t in_row = static_cast<std::size_t>(in_shape.width) * pixel;
  const std::size_t out_row = static_cast<std::size_t>(out_shape.width) * pixel;
  std::fill_n(out, length(out_shape), 0.0F);
  out += static_cast<std::size_t>(amounts.top) * out_row +
         static_cast<std::size_t>(amounts.left) * pixel;
  for (int y = 0; y < in_shape.height; ++y) {
    std::copy_n(in, in_row, out);
    in += in_row;
    out += out_row;
  }
}

void softmax(Shape shape, const float* in, float* out) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  const std::size_t pixels = static_cast<std::size_t>(shape.height * shape.width);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t first = pixel * channels * kLanes + lane;
      float largest = in[first];
      for (std::size_t c = 0; c < channels; ++c)
        largest = std::max(largest, in[first + c * kLanes]);
      float sum = 0;
      for (std::size_t c = 0; c < channels; ++c) {
        sum += out[first + c * kLanes] = std::exp(in[first + c * kLanes] - largest);
      }
      for (std::size_t c = 0; c < channels; ++c) out[first + c * kLanes] /= sum;
    }
  }
}

void mean(Shape shape, const float* in, float* out) {
  const std::size_t pixel = static_cast<std::size_t>(shape.channels) * kLanes;
  const int places = shape.height * shape.width;
  std::fill_n(out, pixel, 0.0F);
  for (int place = 0; place < places; ++place) {
    for (std::size_t i = 0; i < pixel; ++i) out[i] += *in++;
  }
  const float share = 1.0F / static_cast<float>(places);
  for (std::size_t i = 0; i < pixel; ++i) out[i] *= share;
}

void multiply(Shape first_shape, Shape second_shape, Shape out_shape, Activation activation,
              const float* first, const float* second, float* out) {
  const auto channel = [](Shape shape, int y, int x, int c) {
    const int row = shape.height == 1 ? 0 : y;
    const int column = shape.width == 1 ? 0 : x;
    return static_cast<std::size_t>((row * shape.width + column) * shape.channels +
                                    (shape.channels == 1 ? 0 : c)) *
           kLanes;
  };
  for (int y = 0; y < out_shape.height; ++y) {
    for (int x = 0; x < out_shape.width; ++x) {
      for (int c = 0; c < out_shape.channels; ++c) {
        const float* a = first + channel(first_shape, y, x, c);
        const float* b = second + channel(second_shape, y, x, c);
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          *out++ = activated(a[lane] * b[lane], activation);
        }
      }
    }
  }
}

void resize(const ResizeNearest& op, Shape in_shape, const float* in, float* out) {
  const std::size_t pixel = static_cast<std::size_t>(in_shape.channels) * kLanes;
  for (int y = 0; y < op.size.height; ++y) {
    const int row = nearest_place(op, y, in_shape.height, op.size.height);
    for (int x = 0; x < op.size.width; ++x) {
      const int column = nearest_place(op, x, in_shape.width, op.size.width);
      const auto place = static_cast<std::size_t>(row * in_shape.width + column);
      out = std::copy_n(in + place * pixel, pixel, out);
    }
  }
}

void apply(std::span<const float> in, Function function, float* out) {
  const auto value = [&](float x) {
    switch (function) {
      case Function::kLogistic:
        return 1 / (1 + std::exp(-x));
      case Function::kTanh:
        return std::tanh(x);
      case Function::kHardSwish:
        return x * std::min(std::max(x + 3, 0.0F), 6.0F) / 6;
    }
    return x;
  };
  std::ranges::transform(in, out, value);
}

}  // namespace thimble::real
