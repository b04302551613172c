#pragma once

#include <cstddef>
#include <cstdint>

#include "sample_file.hpp"

namespace thimble {

inline constexpr char kMagic[] = "thmblset";
inline constexpr std::uint32_t kByteOrder = 0x01020304;
/// A page: values of any type are aligned.
inline constexpr std::size_t kValuesBegin = 4096;

/// The first bytes of a sample file, as drawn in sample_file.hpp.
struct SampleFileHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t byte_order;
  Identity identity;
  std::int32_t type;
  std::int32_t height, width, channels;
  std::uint32_t samples;
  std::uint64_t index_bytes;
  std::uint64_t index_checksum;
  std::uint64_t checksum;
};
inline constexpr std::size_t kHeaderChecked = offsetof(SampleFileHeader, checksum);
static_assert(kHeaderChecked == 72 && sizeof(SampleFileHeader) == 80);

}  // namespace thimble
