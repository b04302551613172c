#include "offline_plan.hpp"

#include <cstring>
#include <limits>
#include <string>

#include "alignment.hpp"
#include "file_vector.hpp"
#include "thimble/arena/memory_planner.hpp"
#include "thimble/core/error.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble::arena {
namespace {

/// int32: format version, subgraph, number of tensors; TensorFlow Lite Micro reads the last alone.
constexpr std::size_t kHeader = 3;

template <class... Args>
[[noreturn]] void reject(std::string_view place, fmt::format_string<Args...> text, Args&&... args) {
  raise<ModelError>("{}: metadata {}: {}", place, kOfflinePlan,
                    fmt::format(text, std::forward<Args>(args)...));
}

std::vector<std::int32_t> numbers(const tflite::Model& file, std::uint32_t buffer,
                                  std::string_view place) {
  if (buffer >= length(file.buffers())) {
    reject(place, "buffer {}: the file has {}", buffer, length(file.buffers()));
  }
  const auto* data = file.buffers()->Get(buffer)->data();
  std::vector<std::int32_t> result(length(data) / sizeof(std::int32_t));
  if (result.size() < kHeader) reject(place, "{} bytes: is cut short", length(data));
  std::memcpy(result.data(), data->data(), result.size() * sizeof(std::int32_t));
  return result;
}

std::vector<std::int32_t> offsets(std::vector<std::int32_t> plan,
                                  std::span<const ArenaTensor> tensors, std::string_view place) {
  const std::int32_t count = plan[kHeader - 1];
  if (count < 0 || static_cast<std::size_t>(count) != tensors.size()) {
    reject(place, "tensors = {}: the file has {}", count, tensors.size());
  }
  if (plan.size() < kHeader + tensors.size()) {
    reject(place, "places = {}: must be {}", plan.size() - kHeader, tensors.size());
  }
  plan.resize(kHeader + tensors.size());  // some tools fill it up
  plan.erase(plan.begin(), plan.begin() + kHeader);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    std::int32_t& offset = plan[i];
    if (tensors[i].size == 0_B) offset = kPlannerDecides;  // it is not looked at
    if (offset == kPlannerDecides) continue;
    if (offset < 0 || offset % kArenaAlignment != 0) {
      reject(place, "tensor {} at {}: must be a multiple of {}, or -1", i, offset, kArenaAlignment);
    }
    if (offset > std::numeric_limits<std::int32_t>::max() - tensors[i].size.value) {
      reject(place, "tensor {} at {}: is too far", i, offset);
    }
  }
  return plan;
}

}  // namespace

std::vector<std::int32_t> read_offline_plan(const tflite::Model& file,
                                            std::span<const ArenaTensor> tensors,
                                            std::string_view place) {
  std::vector<std::int32_t> result;
  for (std::uint32_t i = 0; i < length(file.metadata()); ++i) {
    const tflite::Metadata& metadata = *file.metadata()->Get(i);
    const auto* name = metadata.name();
    if (name == nullptr || name->string_view() != kOfflinePlan) continue;
    result = offsets(numbers(file, metadata.buffer(), place), tensors, place);
  }
  return result;
}

}  // namespace thimble::arena
