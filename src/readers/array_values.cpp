#include "array_values.hpp"

#include <cmath>
#include <cstring>
#include <utility>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

template <class T>
double element(std::span<const std::uint8_t> bytes, std::size_t index) {
  T value{};
  std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
  return static_cast<double>(value);
}

using Element = double (*)(std::span<const std::uint8_t> bytes, std::size_t index);

Element element_of(const NamedArray& named) {
  const std::string& type = named.array.type;
  constexpr std::pair<std::string_view, Element> kTypes[] = {
      {"b1", element<std::uint8_t>}, {"u1", element<std::uint8_t>},
      {"i1", element<std::int8_t>},  {"u2", element<std::uint16_t>},
      {"i2", element<std::int16_t>}, {"u4", element<std::uint32_t>},
      {"i4", element<std::int32_t>}, {"u8", element<std::uint64_t>},
      {"i8", element<std::int64_t>}, {"f4", element<float>},
      {"f8", element<double>},
  };
  for (const auto& [name, read] : kTypes) {
    if (name == type) return read;
  }
  raise<DataError>("{}: type = {}: float32, float64 or whole numbers expected", named.place, type);
}

}  // namespace

std::size_t rows_of(const NamedArray& named) {
  if (named.array.shape.empty() || named.array.shape[0] == 0) {
    raise<DataError>("{}: shape: at least one row expected", named.place);
  }
  return static_cast<std::size_t>(named.array.shape[0]);
}

Shape row_shape(const NamedArray& named, const ReadOptions& options) {
  const auto& lengths = named.array.shape;
  const std::size_t rank = lengths.size();
  if (rank < 2 || rank > 4) {
    raise<DataError>("{}: dimensions = {}: 2 to 4 expected, the first one samples", named.place,
                     rank);
  }
  std::int64_t elements = 1;
  for (std::size_t i = 1; i < rank; ++i) {
    constexpr std::int64_t kMostElements = std::int64_t{1} << 24;
    if (lengths[i] < 1 || lengths[i] > kMostElements || elements > kMostElements / lengths[i]) {
      raise<DataError>("{}: a sample has 0 or more than {} values", named.place, kMostElements);
    }
    elements *= lengths[i];
  }
  if (options.shape) {
    if (options.shape->elements() == elements) return *options.shape;
    raise<DataError>("{}: values of a sample = {}: --shape {} has {}", named.place, elements,
                     to_string(*options.shape), options.shape->elements());
  }
  const auto length = [&](std::size_t i) { return static_cast<int>(lengths[i]); };
  if (rank == 2) return {.height = 1, .width = 1, .channels = length(1)};
  if (rank == 4) return {.height = length(1), .width = length(2), .channels = length(3)};
  if (named.array.type == "u1") return {.height = length(1), .width = length(2), .channels = 1};
  return {.height = 1, .width = length(1), .channels = length(2)};
}

/// Whole numbers, one a row.
std::vector<std::int64_t> whole_numbers(const NamedArray& named, std::size_t rows) {
  const NpyArray& array = named.array;
  if (array.type[0] == 'f') {
    raise<DataError>("{}: type = {}: whole numbers expected", named.place, array.type);
  }
  const bool column = array.shape.size() == 2 && array.shape[1] == 1;
  if (array.shape.size() != 1 && !column) {
    raise<DataError>("{}: dimensions = {}: one number a sample expected", named.place,
                     array.shape.size());
  }
  if (rows_of(named) != rows) {
    raise<DataError>("{}: rows = {}: {} expected, as many as there are samples", named.place,
                     rows_of(named), rows);
  }
  const Element read = element_of(named);
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < rows; ++i) {
    const double number = read(array.bytes, i);
    // Above 2⁵³ neighbours become one number.
    if (std::abs(number) > 9e15)
      raise<DataError>("{}: row {} = {}: too large", named.place, i, number);
    numbers.push_back(static_cast<std::int64_t>(number));
  }
  return numbers;
}

void read_values(const NamedArray& named, Samples& part) {
  const NpyArray& array = named.array;
  if (array.type == "u1") {
    part.pixels = array.bytes;
    return;
  }
  const Element read = element_of(named);
  const std::size_t count = array.bytes.size() / static_cast<std::size_t>(array.type[1] - '0');
  const auto row = static_cast<std::size_t>(part.shape.elements());
  part.values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>(read(array.bytes, i));
    if (!std::isfinite(value)) {
      raise<DataError>("{}: sample {}, value {} = {}: a finite number expected", named.place,
                       i / row, i % row, value);
    }
    part.values.push_back(value);
  }
}

}  // namespace thimble
