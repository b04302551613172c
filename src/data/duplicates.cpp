#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <unordered_map>

#include "thimble/core/rng.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble {
namespace {

constexpr std::size_t kExamples = 5;

/// One sample of one split.
struct Place {
  const Samples* samples;
  const char* split;
  std::size_t index;
};

std::span<const std::byte> bytes_of(const Place& place) {
  const auto elements = static_cast<std::size_t>(place.samples->shape.elements());
  return with_values(*place.samples, [&](const auto& values) {
    return std::as_bytes(values.row(place.index, elements));
  });
}

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  std::uint64_t hash = bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), size);
    hash = mix(hash, word);
    bytes = bytes.subspan(size);
  }
  return hash;
}

bool same(const Place& a, const Place& b) {
  const auto left = bytes_of(a);
  const auto right = bytes_of(b);
  return left.size() == right.size() && std::memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string name_of(const Place& place) {
  const auto& names = place.samples->names;
  if (names.empty()) return fmt::format("{} sample {}", place.split, place.index);
  return fmt::format("{} ({})", names[place.index], place.split);
}

}  // namespace

Duplicates find_duplicates(const Dataset& dataset) {
  Duplicates found;
  std::unordered_multimap<std::uint64_t, Place> seen;
  const auto look_up = [&](const Place& place, std::uint64_t hash, std::size_t& count) {
    const auto [first, last] = seen.equal_range(hash);
    for (auto it = first; it != last; ++it) {
      if (!same(it->second, place)) continue;
      ++count;
      if (found.examples.size() < kExamples) {
        found.examples.push_back(name_of(place) + " = " + name_of(it->second));
      }
      return;
    }
  };
  // A split is looked up whole before it is remembered: repetitions within one do no harm.
  const auto go_over = [&](const Samples& samples, const char* split, std::size_t& count) {
    std::vector<std::uint64_t> hashes;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const Place place{&samples, split, i};
      hashes.push_back(hash_of(bytes_of(place)));
      look_up(place, hashes.back(), count);
    }
    for (std::size_t i = 0; i < samples.size(); ++i)
      seen.emplace(hashes[i], Place{&samples, split, i});
  };
  std::size_t none = 0;
  go_over(dataset.train, "training", none);
  go_over(dataset.validation, "validation", found.validation);
  go_over(dataset.test, "test", found.test);
  return found;
}

}  // namespace thimble
