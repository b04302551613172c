#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "quant/int8_kernels.hpp"
#include "quant/int8_softmax.hpp"

/// What moves packed tensors (int8_kernels.hpp) about without computing: into and out of the
/// packing, concatenation, padding, reshaping, resizing, looking up; and the softmax, which is rare
/// and works sample by sample.
namespace thimble::int8 {

/// `count` samples, at most sixteen, one after another in H, W, C order. Missing samples become
/// zeros.
void pack(std::span<const std::int8_t> samples, int count, Shape shape, std::int32_t zero_point,
          std::int16_t* packed);
void unpack(const std::int16_t* packed, int count, Shape shape, std::int32_t zero_point,
            std::span<std::int8_t> samples);

struct Concatenation {
  std::vector<Shape> inputs;
};
struct Padded {
  Pad amounts;
  Shape in;
  Shape out;
};
struct Reshaping {
  Shape in;
};
/// Which row and column of the input each of the output shows.
struct Resizing {
  Shape in;
  std::vector<int> rows;
  std::vector<int> columns;
};
/// A function of each value alone: `values[q as uint8]` less the output's zero point, at the
/// input's q.
struct Lookup {
  std::array<std::int16_t, 256> values;
  std::int32_t in_zero_point = 0;
};
struct SoftmaxPlan {
  IntegerSoftmax softmax;
  Shape shape;
  std::int32_t in_zero_point = 0;
};

void run(const Concatenation& plan, std::span<const std::int16_t* const> in, std::int16_t* out);
void run(const Padded& plan, const std::int16_t* in, std::int16_t* out);
void run(const Reshaping& plan, const std::int16_t* in, std::int16_t* out);
void run(const Resizing& plan, const std::int16_t* in, std::int16_t* out);
void run(const Lookup& plan, std::span<const std::int16_t> in, std::int16_t* out);
void run(const SoftmaxPlan& plan, const std::int16_t* in, std::int16_t* out);

}  // namespace thimble::int8
