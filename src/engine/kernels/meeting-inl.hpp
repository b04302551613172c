// Included once for every instruction set (Highway's foreach_target): products of inputs with
// outputs' gradients, summed over the places where they meet.
#if defined(THIMBLE_ENGINE_MEETING_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef THIMBLE_ENGINE_MEETING_INL_HPP_
#undef THIMBLE_ENGINE_MEETING_INL_HPP_
#else
#define THIMBLE_ENGINE_MEETING_INL_HPP_
#endif

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Neighbouring outputs and inputs that meet one after another: `rows` × `columns` of them.
struct Meeting {
  const float* input;   // of the first output
  const float* output;  // its gradient
  int rows;
  int columns;
  std::size_t input_row, input_column;    // floats from one to the next
  std::size_t output_row, output_column;  // the same
};

/// kInputs neighbouring (column, channel)s of the source by kFilters channels of the output: their
/// products over all places where they meet, added to kFilters rows of sums. The halves of a row of
/// lanes go into the same register where there are chains of additions enough without: the lanes
/// are summed in the end anyway.
template <int kInputs, int kFilters>
void accumulate_tile(const Meeting& meeting, float* sums, std::size_t filter_pitch) {
  constexpr int kHalves = kVectors > 1 && 2 * kInputs * kFilters <= kRegisterSums ? 2 : 1;
  V sum[kInputs][kFilters][kHalves];
  HWY_UNROLL(6)
  for (int i = 0; i < kInputs; ++i) {
    HWY_UNROLL(4)
    for (int f = 0; f < kFilters; ++f) {
      HWY_UNROLL(2)
      for (int h = 0; h < kHalves; ++h) sum[i][f][h] = zero();
    }
  }
  for (int row = 0; row < meeting.rows; ++row) {
    const float* HWY_RESTRICT x = meeting.input + static_cast<std::size_t>(row) * meeting.input_row;
    const float* HWY_RESTRICT dy =
        meeting.output + static_cast<std::size_t>(row) * meeting.output_row;
    for (int column = 0; column < meeting.columns; ++column) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) {
        V gradient[kFilters];
        HWY_UNROLL(4)
        for (int f = 0; f < kFilters; ++f) gradient[f] = load(dy + f * kLanes + v * kWidth);
        HWY_UNROLL(6)
        for (int i = 0; i < kInputs; ++i) {
          const V in = load(x + i * kLanes + v * kWidth);
          HWY_UNROLL(4)
          for (int f = 0; f < kFilters; ++f) {
            V& to = sum[i][f][v % kHalves];
            to = hn::MulAdd(in, gradient[f], to);
          }
        }
      }
      x += meeting.input_column;
      dy += meeting.output_column;
    }
  }
  HWY_UNROLL(4)
  for (int f = 0; f < kFilters; ++f) {
    HWY_UNROLL(6)
    for (int i = 0; i < kInputs; ++i) {
      V total = sum[i][f][0];
      if constexpr (kHalves == 2) total = hn::Add(total, sum[i][f][1]);
      float* const place = sums + static_cast<std::size_t>(f) * filter_pitch + i * kWidth;
      store(hn::Add(load(place), total), place);
    }
  }
}

inline constexpr int kMostFilters = kRegisterSums == 24 ? 4 : 3;
inline constexpr int kMostInputs = kRegisterSums / kMostFilters;

using MeetingFunction = void (*)(const Meeting&, float*, std::size_t);

template <std::size_t... kIndices>
constexpr std::array<MeetingFunction, sizeof...(kIndices)> meeting_functions(
    std::index_sequence<kIndices...>) {
  return {&accumulate_tile<static_cast<int>(kIndices) / kMostFilters + 1,
                           static_cast<int>(kIndices) % kMostFilters + 1>...};
}

/// The tile of `inputs` by `filters`, each at most as many as the most.
inline void accumulate_meeting(const Meeting& meeting, int inputs, int filters, float* sums,
                               std::size_t filter_pitch) {
  static constexpr auto kFunctions =
      meeting_functions(std::make_index_sequence<kMostInputs * kMostFilters>());
  kFunctions[static_cast<std::size_t>((inputs - 1) * kMostFilters + filters - 1)](meeting, sums,
                                                                                  filter_pitch);
}

/// Calls use(begin, size) for about equal parts of [0, total), each at most `largest`.
template <class Use>
void for_parts(int total, int largest, const Use& use) {
  const int parts = (total + largest - 1) / largest;
  int begin = 0;
  for (int part = 1; part <= parts; ++part) {
    const int end = static_cast<int>(static_cast<std::int64_t>(total) * part / parts);
    use(begin, end - begin);
    begin = end;
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
