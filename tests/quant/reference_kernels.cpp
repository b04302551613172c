#include "quant/reference_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace thimble::reference {
namespace {

using Tensor = std::vector<std::int8_t>;

std::int8_t clamped(std::int64_t q, Activation activation, QuantParams params) {
  std::int64_t low = -128;
  std::int64_t high = 127;
  if (activation != Activation::kNone) low = std::max<std::int64_t>(low, params.zero_point);
  if (activation == Activation::kRelu6) {
    const auto six = static_cast<std::int64_t>(std::round(6.0F / params.scale));
    high = std::min<std::int64_t>(high, params.zero_point + six);
  }
  return static_cast<std::int8_t>(std::min(std::max(q, low), high));
}

std::size_t index(Shape shape, int y, int x, int c) {
  return (static_cast<std::size_t>(y) * shape.width + x) * shape.channels + c;
}

int outside_before(int in, int kernel, int stride, int dilation, Padding padding) {
  if (padding == Padding::kValid) return 0;
  const int out = static_cast<int>(std::ceil(static_cast<double>(in) / stride));
  const int total = (out - 1) * stride + (kernel - 1) * dilation + 1 - in;
  return total > 0 ? total / 2 : 0;
}

/// In TFLite's float arithmetic.
int nearest(const ResizeNearest& op, int at, int input, int output) {
  if (op.align_corners && output > 1) {
    const float step = static_cast<float>(input - 1) / static_cast<float>(output - 1);
    return std::min(static_cast<int>(std::lround(static_cast<float>(at) * step)), input - 1);
  }
  const float step = static_cast<float>(input) / static_cast<float>(output);
  const float centre =
      op.half_pixel_centers ? static_cast<float>(at) + 0.5F : static_cast<float>(at);
  const float place = centre * step;
  if (op.align_corners) return std::min(static_cast<int>(std::lround(place)), input - 1);
  return std::min(static_cast<int>(place), input - 1);
}

// The hard swish's 16 bits, in doubles, which hold all of its products exactly.

double saturated_16(double x) { return std::clamp(x, -32768.0, 32767.0); }

/// The mantissa of a multiplier in 16 bits, and its exponent.
double mantissa_16(double real, int& exponent) {
  double mantissa = std::round(std::frexp(real, &exponent) * 2147483648.0);
  if (mantissa == 2147483648.0) {
    mantissa /= 2;
    ++exponent;
  }
  return saturated_16(std::floor((mantissa + 32768) / 65536));
}

std::int8_t hard_swish(int difference, QuantParams in, QuantParams out) {
  const auto times = [](double a, double b) { return std::floor(a * b / 32768 + 0.5); };
  const double fine_scale = double{in.scale} / 128;
  int out_exponent = 0;
  int gate_exponent = 0;
  const double out_mantissa = mantissa_16(fine_scale / double{out.scale}, out_exponent);
  const double gate_mantissa = mantissa_16(fine_scale * 32768 / 3, gate_exponent);
  const double fine = difference * 128.0;
  double gate = fine;
  if (gate_exponent > 0) gate = saturated_16(std::ldexp(gate, gate_exponent - 1));
  gate = times(gate, gate_mantissa);
  gate = gate_exponent > 0 ? saturated_16(gate * 2) : std::round(std::ldexp(gate, gate_exponent));
  gate = std::floor((gate + 32768) / 2);
  const double product = std::trunc(gate * times(fine, out_mantissa) / 32768);
  const double q = std::round(std::ldexp(product, out_exponent)) + out.zero_point;
  return static_cast<std::int8_t>(std::clamp(q, -128.0, 127.0));
}

std::int8_t sigmoid(Function function, int difference, float input_scale);

class Sample {
 public:
  Sample(const QuantizedModel& model, const Tensor& input) : model_(model), input_(input) {}

  std::vector<Tensor> run() && {
    for (id_ = 0; id_ < model_.graph.size(); ++id_) {
      const Node& node = model_.graph.node(id_);
      tensors_.emplace_back(static_cast<std::size_t>(node.output.elements()));
      std::visit([&](const auto& op) { compute(op, tensors_.back()); }, node.op);
    }
    return std::move(tensors_);
  }

 private:
  NodeId from(std::size_t i = 0) const { return model_.graph.node(id_).inputs[i]; }
  const Tensor& in(std::size_t i = 0) const { return tensors_[static_cast<std::size_t>(from(i))]; }
  Shape in_shape(std::size_t i = 0) const { return model_.graph.shape(from(i)); }
  QuantParams in_params(std::size_t i = 0) const {
    return model_.activations[static_cast<std::size_t>(from(i))];
  }
  Shape out_shape() const { return model_.graph.shape(id_); }
  QuantParams out_params() const { return model_.activations[static_cast<std::size_t>(id_)]; }
  const QuantizedWeights& weights() const { return model_.weights[static_cast<std::size_t>(id_)]; }

  template <class Window, class Visit>
  void each_place(const Window& window, Extent kernel, Extent dilation, int oy, int ox,
                  Visit visit) {
    const Shape s = in_shape();
    const int top = outside_before(s.height, kernel.height, window.stride.height, dilation.height,
                                   window.padding);
    const int left =
        outside_before(s.width, kernel.width, window.stride.width, dilation.width, window.padding);
    for (int ky = 0; ky < kernel.height; ++ky) {
      for (int kx = 0; kx < kernel.width; ++kx) {
        const int y = oy * window.stride.height - top + ky * dilation.height;
        const int x = ox * window.stride.width - left + kx * dilation.width;
        if (y >= 0 && y < s.height && x >= 0 && x < s.width) visit(ky, kx, y, x);
      }
    }
  }

  template <class Visit>
  void each_output(Visit visit) {
    for (int y = 0; y < out_shape().height; ++y) {
      for (int x = 0; x < out_shape().width; ++x) {
        for (int c = 0; c < out_shape().channels; ++c) visit(y, x, c);
      }
    }
  }

  std::int8_t finished(std::int32_t sum, double multiplier, Activation activation) const {
    return clamped(std::int64_t{scaled(sum, multiplier)} + out_params().zero_point, activation,
                   out_params());
  }

  double channel_multiplier(int channel) const {
    return double{in_params().scale} *
           double{weights().kernel_scales[static_cast<std::size_t>(channel)]} /
           double{out_params().scale};
  }

  void compute(const Input&, Tensor& out) { out = input_; }

  void compute(const Conv2D& op, Tensor& out) {
    each_output([&](int oy, int ox, int f) {
      std::int32_t sum = weights().bias[static_cast<std::size_t>(f)];
      each_place(op, op.kernel, op.dilation, oy, ox, [&](int ky, int kx, int y, int x) {
        for (int c = 0; c < in_shape().channels; ++c) {
          const std::size_t w =
              ((static_cast<std::size_t>(f) * op.kernel.height + ky) * op.kernel.width + kx) *
                  in_shape().channels +
              c;
          sum += weights().kernel[w] * (in()[index(in_shape(), y, x, c)] - in_params().zero_point);
        }
      });
      out[index(out_shape(), oy, ox, f)] = finished(sum, channel_multiplier(f), op.activation);
    });
  }

  void compute(const DepthwiseConv2D& op, Tensor& out) {
    each_output([&](int oy, int ox, int o) {
      std::int32_t sum = weights().bias[static_cast<std::size_t>(o)];
      each_place(op, op.kernel, op.dilation, oy, ox, [&](int ky, int kx, int y, int x) {
        const std::size_t w =
            (static_cast<std::size_t>(ky) * op.kernel.width + kx) * out_shape().channels + o;
        const int c = o / op.multiplier;
        sum += weights().kernel[w] * (in()[index(in_shape(), y, x, c)] - in_params().zero_point);
      });
      out[index(out_shape(), oy, ox, o)] = finished(sum, channel_multiplier(o), op.activation);
    });
  }

  void compute(const Dense& op, Tensor& out) {
    const float product = in_params().scale * weights().kernel_scales[0];
    for (std::size_t u = 0; u < out.size(); ++u) {
      std::int32_t sum = weights().bias[u];
      for (std::size_t i = 0; i < in().size(); ++i) {
        sum += weights().kernel[u * in().size() + i] * (in()[i] - in_params().zero_point);
      }
      out[u] = finished(sum, double{product} / double{out_params().scale}, op.activation);
    }
  }

  void compute(const Pool2D& op, Tensor& out) {
    each_output([&](int oy, int ox, int c) {
      int largest = -128;
      int sum = 0;
      int count = 0;
      each_place(op, op.window, Extent{}, oy, ox, [&](int, int, int y, int x) {
        const int q = in()[index(in_shape(), y, x, c)];
        largest = std::max(largest, q);
        sum += q;
        ++count;
      });
      const int average = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
      out[index(out_shape(), oy, ox, c)] =
          static_cast<std::int8_t>(op.kind == PoolKind::kMax ? largest : average);
    });
  }

  void compute(const Add& op, Tensor& out) {
    const double twice = 2 * double{std::max(in_params(0).scale, in_params(1).scale)};
    const double back = twice / (std::pow(2.0, 20) * double{out_params().scale});
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::int32_t sum = 0;
      for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
        const std::int32_t x = (in(side)[i] - in_params(side).zero_point) * (1 << 20);
        sum += scaled(x, double{in_params(side).scale} / twice);
      }
      out[i] = finished(sum, back, op.activation);
    }
  }

  void compute(const Activate& op, Tensor& out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const int x = in()[i] - in_params().zero_point;
      const double ratio = double{in_params().scale} / double{out_params().scale};
      out[i] = op.function == Activation::kRelu ? finished(x, ratio, op.function)
                                                : clamped(in()[i], Activation::kRelu6, in_params());
    }
  }

  void compute(const Concat&, Tensor& out) {
    each_output([&](int y, int x, int c) {
      std::size_t part = 0;
      int local = c;
      while (local >= in_shape(part).channels) local -= in_shape(part++).channels;
      out[index(out_shape(), y, x, c)] = in(part)[index(in_shape(part), y, x, local)];
    });
  }

  void compute(const Pad& op, Tensor& out) {
    each_output([&](int y, int x, int c) {
      const int sy = y - op.top;
      const int sx = x - op.left;
      const bool inside = sy >= 0 && sy < in_shape().height && sx >= 0 && sx < in_shape().width;
      out[index(out_shape(), y, x, c)] = inside ? in()[index(in_shape(), sy, sx, c)]
                                                : static_cast<std::int8_t>(out_params().zero_point);
    });
  }

  void compute(const Flatten&, Tensor& out) { out = in(); }

  // The mean's multiplier is s_in / s_out, its mantissa divided by the count and cut off.
  void compute(const Mean&, Tensor& out) {
    const std::int64_t count = std::int64_t{in_shape().height} * in_shape().width;
    int exponent = 0;
    const double ratio = double{in_params().scale} / double{out_params().scale};
    double mantissa = std::round(std::frexp(ratio, &exponent) * 2147483648.0);
    int doublings = 0;
    while ((std::int64_t{2} << doublings) <= count) ++doublings;
    mantissa = std::floor(std::ldexp(mantissa, doublings) / static_cast<double>(count));
    for (int c = 0; c < out_shape().channels; ++c) {
      std::int64_t sum = 0;
      for (int y = 0; y < in_shape().height; ++y) {
        for (int x = 0; x < in_shape().width; ++x) {
          sum += in()[index(in_shape(), y, x, c)] - in_params().zero_point;
        }
      }
      const int left = std::max(exponent - doublings, 0);
      const std::int32_t high = high_mul(static_cast<std::int32_t>(sum * (std::int64_t{1} << left)),
                                         static_cast<std::int32_t>(mantissa));
      const std::int32_t mean = divide_by_power(high, std::max(doublings - exponent, 0));
      out[static_cast<std::size_t>(c)] =
          clamped(std::int64_t{mean} + out_params().zero_point, Activation::kNone, out_params());
    }
  }

  void compute(const Mul& op, Tensor& out) {
    const double ratio =
        double{in_params(0).scale} * double{in_params(1).scale} / double{out_params().scale};
    each_output([&](int y, int x, int c) {
      std::int32_t product = 1;
      for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
        const Shape s = in_shape(side);
        product *= in(side)[index(s, y % s.height, x % s.width, c % s.channels)] -
                   in_params(side).zero_point;
      }
      out[index(out_shape(), y, x, c)] = finished(product, ratio, op.activation);
    });
  }

  void compute(const ResizeNearest& op, Tensor& out) {
    each_output([&](int y, int x, int c) {
      out[index(out_shape(), y, x, c)] =
          in()[index(in_shape(), nearest(op, y, in_shape().height, op.size.height),
                     nearest(op, x, in_shape().width, op.size.width), c)];
    });
  }

  void compute(const Apply& op, Tensor& out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const int difference = in()[i] - in_params().zero_point;
      out[i] = op.function == Function::kHardSwish
                   ? hard_swish(difference, in_params(), out_params())
                   : sigmoid(op.function, difference, in_params().scale);
    }
  }

  void compute(const Softmax&, Tensor& out);

  template <class Other>
  void compute(const Other&, Tensor&) {
    throw std::logic_error("no such operator in a deployed network");
  }

  const QuantizedModel& model_;
  const Tensor& input_;
  NodeId id_ = 0;
  std::vector<Tensor> tensors_;
};

// Fixed-point numbers of gemmlowp with the count of integer bits carried along at run time: value =
// raw · 2^(bits − 31).
struct Fixed {
  std::int32_t raw;
  int bits;

  Fixed operator*(Fixed o) const { return {high_mul(raw, o.raw), bits + o.bits}; }
  Fixed operator+(Fixed o) const { return {static_cast<std::int32_t>(raw + o.raw), bits}; }
  Fixed to(int wanted) const {
    if (wanted >= bits) return {divide_by_power(raw, wanted - bits), wanted};
    const double exact = std::ldexp(static_cast<double>(raw), bits - wanted);
    return {static_cast<std::int32_t>(std::clamp(exact, -2147483648.0, 2147483647.0)), wanted};
  }
};

/// e^a for a ≤ 0 with 4 or 5 integer bits: a = −(k/4) − 1/4 + r, e^r by Taylor around −1/8,
/// e^(−k/4) by its binary digits.
Fixed exp_of(std::int32_t a, int bits = 5) {
  if (a == 0) return {std::numeric_limits<std::int32_t>::max(), 0};
  const std::int32_t quarter = 1 << (29 - bits);
  const std::int32_t in_quarter = (a & (quarter - 1)) - quarter;
  const Fixed x = Fixed{in_quarter, bits}.to(0) + Fixed{1 << 28, 0};
  const Fixed x2 = x * x;
  const Fixed x3 = x2 * x;
  const Fixed x4 = x2 * x2;
  const Fixed third{715827883, 0};
  const Fixed quarter_x4{divide_by_power(x4.raw, 2), 0};
  const Fixed inner = (quarter_x4 + x3) * third + x2;
  const Fixed e_eighth{1895147668, 0};
  Fixed result = e_eighth + e_eighth * (x + Fixed{divide_by_power(inner.raw, 1), 0});
  // e^(−1/4), e^(−1/2), e^−1, … e^−16
  const std::int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                  39332535,   720401,     242};
  const std::int32_t quarters = (in_quarter - a) / quarter;
  for (int bit = 0; bit < bits + 2; ++bit) {
    if (quarters >> bit & 1) result = result * Fixed{factors[bit], 0};
  }
  return result;
}

/// 2 / (1 + x) for x in [0, 1]: Newton's division with the classic first guess 48/17 − 32/17 · d.
Fixed twice_reciprocal_of_one_plus(std::int32_t x) {
  const std::int64_t sum = std::int64_t{x} + std::numeric_limits<std::int32_t>::max();
  const Fixed half_denominator{static_cast<std::int32_t>((sum + (sum >= 0 ? 1 : -1)) / 2), 0};
  Fixed guess = Fixed{1515870810, 2} + half_denominator * Fixed{-1010580540, 2};
  for (int i = 0; i < 3; ++i) {
    const Fixed product = half_denominator * guess;
    const Fixed rest{(1 << 29) - product.raw, 2};
    guess = guess + (guess * rest).to(2);
  }
  return guess;
}

/// Half of it is the same number with one integer bit less.
Fixed reciprocal_of_one_plus(std::int32_t x) {
  return Fixed{twice_reciprocal_of_one_plus(x).raw, 1}.to(0);
}

/// The logistic function or the tangent of a number with 4 integer bits, beyond which they
/// saturate.
std::int8_t sigmoid(Function function, int difference, float input_scale) {
  const bool logistic = function == Function::kLogistic;
  const double multiplier = double{input_scale} * std::pow(2.0, 27);
  int exponent = 0;
  static_cast<void>(std::frexp(multiplier, &exponent));
  const double radius = std::floor(15.0 * std::pow(2.0, 27 - exponent));
  if (difference <= -radius) return -128;
  if (difference >= radius) return 127;
  const std::int32_t x = scaled(difference, multiplier);
  const std::int32_t e = exp_of(-std::abs(x), logistic ? 4 : 5).raw;
  std::int32_t y = 0;
  if (logistic) {
    y = reciprocal_of_one_plus(e).raw;
    if (x < 0) y = std::numeric_limits<std::int32_t>::max() - y;
    if (x == 0) y = 1 << 30;
    return static_cast<std::int8_t>(std::clamp(divide_by_power(y, 23) - 128, -128, 127));
  }
  if (x != 0) y = Fixed{twice_reciprocal_of_one_plus(e).raw - (1 << 29), 2}.to(0).raw;
  return static_cast<std::int8_t>(std::clamp(divide_by_power(x < 0 ? -y : y, 24), -128, 127));
}

void Sample::compute(const Softmax&, Tensor& out) {
  const int depth = in_shape().channels;
  const double multiplier = std::min(double{in_params().scale} * std::pow(2.0, 26), 2147483647.0);
  int exponent = 0;
  static_cast<void>(std::frexp(multiplier, &exponent));
  if (std::round(std::ldexp(multiplier, 31 - exponent)) == 2147483648.0) ++exponent;
  const auto smallest = -static_cast<int>(std::floor(31.0 * std::pow(2.0, 26 - exponent)));
  for (std::size_t row = 0; row < out.size(); row += static_cast<std::size_t>(depth)) {
    const auto begin = in().begin() + static_cast<std::ptrdiff_t>(row);
    const int largest = *std::max_element(begin, begin + depth);
    Fixed sum{0, 12};
    for (int c = 0; c < depth; ++c) {
      const int difference = begin[c] - largest;
      if (difference >= smallest) sum = sum + exp_of(scaled(difference, multiplier)).to(12);
    }
    int zeros = 0;
    while ((static_cast<std::uint32_t>(sum.raw) << zeros >> 31) == 0) ++zeros;
    const auto fraction = (static_cast<std::uint32_t>(sum.raw) << zeros) - 0x80000000U;
    const Fixed scale = reciprocal_of_one_plus(static_cast<std::int32_t>(fraction));
    for (int c = 0; c < depth; ++c) {
      const int difference = begin[c] - largest;
      int q = -128;
      if (difference >= smallest) {
        const Fixed e = exp_of(scaled(difference, multiplier));
        q = divide_by_power((scale * e).raw, 12 - zeros + 31 - 8) - 128;
      }
      out[row + static_cast<std::size_t>(c)] = static_cast<std::int8_t>(std::clamp(q, -128, 127));
    }
  }
}

}  // namespace

std::int32_t high_mul(std::int32_t a, std::int32_t b) {
  constexpr std::int64_t kUnit = std::int64_t{1} << 31;
  const std::int64_t product = std::int64_t{a} * b + kUnit / 2;
  // Division rounds towards zero; a floor is wanted.
  const std::int64_t quotient = product / kUnit - (product % kUnit < 0 ? 1 : 0);
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(quotient, std::numeric_limits<std::int32_t>::max()));
}

// A double holds every int32 divided by a power of two exactly, and std::round goes away from zero
// at halves.
std::int32_t divide_by_power(std::int32_t x, int exponent) {
  return static_cast<std::int32_t>(std::round(std::ldexp(static_cast<double>(x), -exponent)));
}

std::int32_t scaled(std::int32_t x, double real) {
  if (real == 0) return 0;
  int exponent = 0;
  auto mantissa = static_cast<std::int64_t>(std::round(std::frexp(real, &exponent) * 2147483648.0));
  if (mantissa == 2147483648LL) {
    mantissa /= 2;
    ++exponent;
  }
  if (exponent < -31) return 0;
  const std::uint32_t left = exponent > 0 ? 1U << exponent : 1U;
  const auto shifted = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) * left);
  return divide_by_power(high_mul(shifted, static_cast<std::int32_t>(mantissa)),
                         std::max(0, -exponent));
}

std::vector<Tensor> run(const QuantizedModel& model, const Tensor& input) {
  return Sample(model, input).run();
}

}  // namespace thimble::reference
