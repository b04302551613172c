#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "file_place.hpp"
#include "schema_generated.h"
#include "thimble/quant/quantized_model.hpp"

namespace thimble::tflite {

/// A tensor that enters the network or that it computes.
struct ComputedTensor {
  Shape shape;
  int axes = 4;  // in the file: [1, C], [1, W, C] or [1, H, W, C]
  QuantParams params;
};

/// Constant weights: int8 in [-127, 127] or int4 in [-8, 7].
struct Kernel {
  std::vector<int> shape;
  WeightType type = WeightType::kInt8;
  std::vector<std::int8_t> values;
  std::vector<float> scales;  // one, or one for each channel
};

/// The tensors of a file whose FlatBuffers structure is sound; what they hold is checked here when
/// it is asked for. `place` is where the complaint belongs; every function throws ModelError there.
class FileTensors {
 public:
  FileTensors(const Model& file, const SubGraph& subgraph) : file_(file), subgraph_(subgraph) {}

  std::size_t size() const;
  /// Throws unless there is a tensor of that number.
  void check_number(std::int32_t number, const FilePlace& place) const;
  bool is_constant(std::int32_t number, const FilePlace& place) const;

  /// An activation: int8, one sample, one scale and zero point.
  ComputedTensor computed(std::int32_t number, const FilePlace& place) const;
  /// Weights with this many axes, quantised as a whole or along `channel_axis`.
  Kernel kernel(std::int32_t number, std::size_t axes, std::size_t channel_axis,
                const FilePlace& place);
  /// An int32 constant of exactly this shape.
  std::vector<std::int32_t> integers(std::int32_t number, const std::vector<int>& shape,
                                     const FilePlace& place);
  /// The one scale of a tensor, whatever number it is.
  float scale(std::int32_t number, const FilePlace& place) const;

 private:
  const Tensor& tensor(std::int32_t number, const FilePlace& place) const;
  const flatbuffers::Vector<std::uint8_t>* data(const Tensor& tensor, const FilePlace& place) const;
  /// What a constant of this type holds, and as many as its shape says.
  template <class T>
  std::vector<T> constant(const Tensor& tensor, TensorType type, const FilePlace& place);
  /// The same of int4, two to a byte, the first in the lower half.
  std::vector<std::int8_t> int4_constant(const Tensor& tensor, const FilePlace& place);
  /// The bytes of a constant that holds `stored` of them and that becomes `bytes` in memory.
  const std::uint8_t* checked_data(const Tensor& tensor, std::size_t stored, std::size_t bytes,
                                   const FilePlace& place);

  const Model& file_;
  const SubGraph& subgraph_;
  // Operators may share a constant, so that a small file may ask for much; this is what is left.
  std::size_t bytes_left_ = std::size_t{64} << 20;
};

}  // namespace thimble::tflite
