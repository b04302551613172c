#pragma once

#include "convolution.hpp"
#include "winograd.hpp"

namespace thimble::engine {

/// Packs the weights of a sweep as a Convolution reads them. `weight(o, position, i)` is that from
/// source channel i to output channel o at a kernel position in the graph's order.
template <class Weight>
void pack_weights(const Sweep& sweep, const Weight& weight, float* packed) {
  const int inputs = sweep.source.channels;
  const int outputs = sweep.output.channels;
  const auto position = [&](std::size_t row, std::size_t column) {
    return sweep.rows.packing[row] * sweep.columns.kernel + sweep.columns.packing[column];
  };
  const bool winograd = suits_winograd(sweep);
  for (int tile = 0; tile < tile_count(outputs); ++tile) {
    const int begin = tile_begin(outputs, tile);
    const int end = tile_begin(outputs, tile + 1);
    if (winograd) {
      for (int i = 0; i < inputs; ++i) {
        for (int o = begin; o < end; ++o, ++packed) {
          float kernel[9];
          for (std::size_t p = 0; p < 9; ++p) kernel[p] = weight(o, position(p / 3, p % 3), i);
          float transformed[kPlaces];
          transform_kernel(kernel, transformed);
          for (std::ptrdiff_t place = 0; place < kPlaces; ++place) {
            packed[place * inputs * outputs] = transformed[place];
          }
        }
      }
      continue;
    }
    for (std::size_t row = 0; row < sweep.rows.packing.size(); ++row) {
      for (std::size_t column = 0; column < sweep.columns.packing.size(); ++column) {
        for (int i = 0; i < inputs; ++i) {
          for (int o = begin; o < end; ++o) *packed++ = weight(o, position(row, column), i);
        }
      }
    }
  }
}

}  // namespace thimble::engine
