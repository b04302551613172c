#include "file_tensors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "file_format.hpp"

namespace thimble::tflite {
namespace {

// Constants are copied as they lie in the file, which is little-endian.
static_assert(std::endian::native == std::endian::little);

/// As in shape inference.
constexpr std::int64_t kMaxElements = std::int64_t{1} << 30;

/// Checked: every axis is at least 1 and their product within bounds.
std::vector<int> shape_of(const Tensor& tensor, const FilePlace& place) {
  constexpr std::size_t kMostAxes = 4;
  const auto* shape = tensor.shape();
  if (length(shape) == 0 || length(shape) > kMostAxes) {
    place.reject("shape of {} axes: must have 1 to {}", length(shape), kMostAxes);
  }
  std::vector<int> axes(shape->begin(), shape->end());
  std::int64_t elements = 1;
  for (const int axis : axes) {
    if (axis < 1) place.reject("shape [{}]: every axis must be at least 1", fmt::join(axes, ", "));
    elements *= axis;
    if (elements > kMaxElements) {
      place.reject("shape [{}]: more than 2^30 elements", fmt::join(axes, ", "));
    }
  }
  return axes;
}

std::size_t elements_of(const Tensor& tensor, const FilePlace& place) {
  std::size_t elements = 1;
  for (const int axis : shape_of(tensor, place)) elements *= static_cast<std::size_t>(axis);
  return elements;
}

void check_type(const Tensor& tensor, TensorType wanted, const FilePlace& place) {
  if (tensor.type() != wanted) {
    const std::string name = EnumNameTensorType(tensor.type());
    place.reject("type = {}: must be {}",
                 name.empty() ? std::to_string(static_cast<int>(tensor.type())) : name,
                 EnumNameTensorType(wanted));
  }
}

const QuantizationParameters& quantisation_of(const Tensor& tensor, const FilePlace& place) {
  const auto* quantisation = tensor.quantization();
  if (quantisation == nullptr || length(quantisation->scale()) == 0) {
    place.reject("quantisation: is missing");
  }
  return *quantisation;
}

float one_scale(const Tensor& tensor, const FilePlace& place) {
  const auto& scales = *quantisation_of(tensor, place).scale();
  if (scales.size() > 1) place.reject("scales = {}: must be one", scales.size());
  return scales.Get(0);
}

/// FlatBuffers' verifier lets through a list of 64-bit numbers that is aligned to 4 bytes only.
std::int64_t number_at(const flatbuffers::Vector<std::int64_t>& numbers, std::size_t index) {
  std::int64_t number = 0;
  std::memcpy(&number, numbers.Data() + index * sizeof number, sizeof number);
  return number;
}

void check_scale(float scale, const FilePlace& place) {
  if (!(std::isfinite(scale) && scale > 0)) {
    place.reject("scale = {}: must be positive and finite", scale);
  }
}

}  // namespace

std::size_t FileTensors::size() const { return length(subgraph_.tensors()); }

void FileTensors::check_number(std::int32_t number, const FilePlace& place) const {
  if (number < 0 || static_cast<std::size_t>(number) >= size()) {
    place.reject("tensor {}: the file has {}", number, size());
  }
}

const Tensor& FileTensors::tensor(std::int32_t number, const FilePlace& place) const {
  check_number(number, place);
  return *subgraph_.tensors()->Get(static_cast<std::uint32_t>(number));
}

const flatbuffers::Vector<std::uint8_t>* FileTensors::data(const Tensor& tensor,
                                                           const FilePlace& place) const {
  const auto* buffers = file_.buffers();
  if (tensor.buffer() >= length(buffers)) {
    place.reject("buffer = {}: the file has {}", tensor.buffer(), length(buffers));
  }
  return buffers->Get(tensor.buffer())->data();
}

bool FileTensors::is_constant(std::int32_t number, const FilePlace& place) const {
  return length(data(tensor(number, place), place)) > 0;
}

ComputedTensor FileTensors::computed(std::int32_t number, const FilePlace& place) const {
  const Tensor& source = tensor(number, place);
  check_type(source, TensorType::INT8, place);
  if (source.sparsity() != nullptr) place.reject("sparse: only dense tensors are supported");
  std::vector<int> axes = shape_of(source, place);
  if (axes.size() < 2 || axes[0] != 1) {
    place.reject("shape [{}]: must be one sample, [1, H, W, C], [1, W, C] or [1, C]",
                 fmt::join(axes, ", "));
  }
  ComputedTensor result{.axes = static_cast<int>(axes.size())};
  axes.insert(axes.begin(), 4 - axes.size(), 1);
  result.shape = {axes[1], axes[2], axes[3]};
  result.params.scale = one_scale(source, place);
  check_scale(result.params.scale, place);
  const auto* zero_points = source.quantization()->zero_point();
  if (length(zero_points) != 1) place.reject("zero points = {}: must be one", length(zero_points));
  const std::int64_t zero_point = number_at(*zero_points, 0);
  if (zero_point < -128 || zero_point > 127) {
    place.reject("zero point = {}: must be in [-128, 127]", zero_point);
  }
  result.params.zero_point = static_cast<std::int32_t>(zero_point);
  return result;
}

const std::uint8_t* FileTensors::checked_data(const Tensor& tensor, std::size_t stored,
                                              std::size_t bytes, const FilePlace& place) {
  if (tensor.sparsity() != nullptr) place.reject("sparse: only dense tensors are supported");
  const auto* found = data(tensor, place);
  if (length(found) == 0) place.reject("not a constant: must be one");
  if (found->size() != stored) {
    place.reject("buffer of {} bytes: its shape wants {}", found->size(), stored);
  }
  if (bytes > bytes_left_) place.reject("constants: more than 64 MiB in all are not supported");
  bytes_left_ -= bytes;
  return found->data();
}

template <class T>
std::vector<T> FileTensors::constant(const Tensor& tensor, TensorType type,
                                     const FilePlace& place) {
  check_type(tensor, type, place);
  const std::size_t count = elements_of(tensor, place);
  const std::uint8_t* stored = checked_data(tensor, count * sizeof(T), count * sizeof(T), place);
  std::vector<T> values(count);
  std::memcpy(values.data(), stored, count * sizeof(T));
  return values;
}

std::vector<std::int8_t> FileTensors::int4_constant(const Tensor& tensor, const FilePlace& place) {
  const std::size_t count = elements_of(tensor, place);
  const std::uint8_t* stored = checked_data(tensor, (count + 1) / 2, count, place);
  std::vector<std::int8_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const int half = stored[i / 2] >> (i % 2 * 4) & 0xF;
    values[i] = static_cast<std::int8_t>(half < 8 ? half : half - 16);
  }
  return values;
}

Kernel FileTensors::kernel(std::int32_t number, std::size_t axes, std::size_t channel_axis,
                           const FilePlace& place) {
  const Tensor& source = tensor(number, place);
  Kernel kernel{.shape = shape_of(source, place)};
  if (kernel.shape.size() != axes) {
    place.reject("shape [{}]: must have {} axes", fmt::join(kernel.shape, ", "), axes);
  }
  if (source.type() == TensorType::INT4) {
    kernel.type = WeightType::kInt4;
    kernel.values = int4_constant(source, place);
  } else {
    kernel.values = constant<std::int8_t>(source, TensorType::INT8, place);
  }
  if (std::ranges::find(kernel.values, -128) != kernel.values.end()) {
    place.reject("value -128: must be in [-127, 127]");
  }
  const auto& quantisation = quantisation_of(source, place);
  const std::size_t scales = quantisation.scale()->size();
  const auto channels = static_cast<std::size_t>(kernel.shape[channel_axis]);
  if (scales > 1) {
    if (scales != channels) place.reject("scales = {}: must be 1 or {}", scales, channels);
    if (quantisation.quantized_dimension() != static_cast<int>(channel_axis)) {
      place.reject("quantised along axis {}: must be {}", quantisation.quantized_dimension(),
                   channel_axis);
    }
  }
  kernel.scales.assign(quantisation.scale()->begin(), quantisation.scale()->end());
  for (const float scale : kernel.scales) check_scale(scale, place);
  const auto* zero_points = quantisation.zero_point();
  // Our writer gives one zero point for all channels.
  if (length(zero_points) != 1 && length(zero_points) != scales) {
    place.reject("zero points = {}: must be 1 or {}", length(zero_points), scales);
  }
  for (std::size_t i = 0; i < length(zero_points); ++i) {
    const std::int64_t zero_point = number_at(*zero_points, i);
    if (zero_point != 0) place.reject("zero point = {}: must be 0", zero_point);
  }
  return kernel;
}

std::vector<std::int32_t> FileTensors::integers(std::int32_t number, const std::vector<int>& shape,
                                                const FilePlace& place) {
  const Tensor& source = tensor(number, place);
  if (const auto found = shape_of(source, place); found != shape) {
    place.reject("shape [{}]: must be [{}]", fmt::join(found, ", "), fmt::join(shape, ", "));
  }
  return constant<std::int32_t>(source, TensorType::INT32, place);
}

float FileTensors::scale(std::int32_t number, const FilePlace& place) const {
  return one_scale(tensor(number, place), place);
}

}  // namespace thimble::tflite
