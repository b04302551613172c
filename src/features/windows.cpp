#include "thimble/features/windows.hpp"

#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "thimble/core/error.hpp"

namespace thimble::features {
namespace {

/// How many windows a sample has, and where they lie in it; in values.
struct Cut {
  std::size_t windows = 0;
  std::size_t sample = 0;
  std::size_t length = 0;
  std::size_t step = 0;
};

Cut cut_of(Shape shape, const WindowOptions& options) {
  const auto row = static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.channels);
  return {.windows = static_cast<std::size_t>((shape.height - options.frames) / options.every + 1),
          .sample = static_cast<std::size_t>(shape.elements()),
          .length = row * static_cast<std::size_t>(options.frames),
          .step = row * static_cast<std::size_t>(options.every)};
}

/// Windows of a column, row by row: those of its first sample, then those of its second, …
template <class T>
class WindowRows : public StoredRows {
 public:
  WindowRows(SampleColumn<T> samples, const Cut& cut) : samples_(std::move(samples)), cut_(cut) {}

  std::span<const std::byte> row(std::uint32_t index) const override {
    const auto sample = samples_.row(index / cut_.windows, cut_.sample);
    return std::as_bytes(sample.subspan(index % cut_.windows * cut_.step, cut_.length));
  }
  void prefetch(std::uint32_t index) const override { samples_.prefetch(index / cut_.windows); }

 private:
  SampleColumn<T> samples_;
  Cut cut_;
};

template <class T>
std::vector<T> repeated(const std::vector<T>& values, std::size_t times) {
  std::vector<T> result;
  result.reserve(values.size() * times);
  for (const T& value : values) result.insert(result.end(), times, value);
  return result;
}

Samples windowed(Samples samples, const WindowOptions& options, const std::string& name) {
  const Cut cut = cut_of(samples.shape, options);
  const std::size_t count = samples.size() * cut.windows;
  if (count > std::numeric_limits<std::uint32_t>::max()) {
    raise<DataError>("{}: windows = {}: 2^32 at most: take fewer of each sample", name, count);
  }
  samples.clips = repeated(clip_numbers(samples), cut.windows);
  samples.labels = repeated(samples.labels, cut.windows);
  samples.anomalous = repeated(samples.anomalous, cut.windows);
  samples.names.clear();
  samples.shape.height = options.frames;
  with_values(samples, [&]<class T>(SampleColumn<T>& column) {
    std::vector<std::uint32_t> rows(count);
    std::iota(rows.begin(), rows.end(), 0U);
    auto windows = std::make_shared<const WindowRows<T>>(std::move(column), cut);
    column = SampleColumn<T>(std::move(windows), std::move(rows), cut.length);
  });
  return samples;
}

}  // namespace

Dataset windowed(Dataset dataset, const WindowOptions& options) {
  THIMBLE_ASSERT(options.frames > 0 && options.every > 0);
  for (Samples* split : {&dataset.train, &dataset.validation, &dataset.test}) {
    if (split->empty()) {
      split->shape.height = options.frames;
      continue;
    }
    if (split->shape.height < options.frames) {
      raise<DataError>("{}: frames of a sample = {}: a window takes {}", dataset.name,
                       split->shape.height, options.frames);
    }
    *split = windowed(std::move(*split), options, dataset.name);
  }
  return dataset;
}

}  // namespace thimble::features
