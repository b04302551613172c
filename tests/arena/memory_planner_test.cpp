#include "thimble/arena/memory_planner.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <list>
#include <vector>

#include "arena/buffers.hpp"

namespace thimble {
namespace {

using testing::buffer;
using ::testing::ElementsAre;

std::vector<std::int64_t> offsets(std::vector<ArenaBuffer> buffers) {
  plan_greedily(buffers);
  std::vector<std::int64_t> result;
  for (const ArenaBuffer& placed : buffers) result.push_back(placed.offset.value);
  return result;
}

TEST(GreedyPlanner, PlacesNothingInNothing) {
  EXPECT_EQ(plan_greedily({}), 0_B);
  EXPECT_EQ(head_size({}), 0_B);
}

// A chain in → a → out: `a` is the largest and lies at 0. `in` and `out` never meet, so both lie
// behind it.
TEST(GreedyPlanner, LaysTensorsThatNeverMeetAtOnePlace) {
  std::vector<ArenaBuffer> chain = {buffer(32, 0, 1), buffer(64, 1, 2), buffer(16, 2, 2)};
  EXPECT_EQ(plan_greedily(chain), 96_B);
  EXPECT_THAT(offsets(chain), ElementsAre(64, 0, 64));
}

TEST(GreedyPlanner, PlacesTheLaterOfEqualBuffersFirst) {
  EXPECT_THAT(offsets({buffer(16, 0, 1), buffer(16, 0, 1), buffer(16, 0, 1)}),
              ElementsAre(32, 16, 0));
}

// The 48 lies at 0 and the 32, which meets it, at 48. The first 16 meets only the 32 and takes the
// lowest place; the second meets all three and must go behind them.
TEST(GreedyPlanner, TakesTheLowestGapThatIsLargeEnough) {
  EXPECT_THAT(offsets({buffer(48, 0, 1), buffer(32, 1, 3), buffer(16, 1, 3), buffer(16, 3, 3)}),
              ElementsAre(0, 48, 80, 0));
}

// Sizes 32, 32, 48, 48. The two 48 never meet and lie at 0. The second 32 meets one of them, at
// time 1, and goes to 48; the first meets it at 2 and the other 48 at 3, and must go to 80. Had one
// 48 been laid at 32, 80 bytes would have done for all: the 32 of times 2 and 3 at 0, the other
// at 48.
TEST(GreedyPlanner, IsNotOptimal) {
  std::vector<ArenaBuffer> buffers = {buffer(32, 2, 3), buffer(32, 0, 2), buffer(48, 3, 3),
                                      buffer(48, 1, 1)};
  EXPECT_EQ(plan_greedily(buffers), 112_B);
  EXPECT_THAT(offsets(buffers), ElementsAre(80, 48, 0, 0));
}

/// The rules as `greedy_memory_planner.cc` goes about them: bubble sort, and a list of what is
/// placed that is walked from buffer to buffer that is alive at the same time.
/// `fixed` by buffer, −1 for those that the planner places; empty: all of them. The fixed ones come
/// first, in the order of the buffers, and are not sorted.
std::vector<std::int64_t> as_the_source_has_it(const std::vector<ArenaBuffer>& buffers,
                                               std::vector<std::int32_t> fixed = {}) {
  fixed.resize(std::max(fixed.size(), buffers.size()), kPlannerDecides);
  const auto is_fixed = [&](int id) { return fixed[static_cast<std::size_t>(id)] >= 0; };
  std::vector<int> ids;
  std::vector<int> fixed_ids;
  for (int i = static_cast<int>(buffers.size()) - 1; i >= 0; --i) {
    if (!is_fixed(i)) ids.push_back(i);
    if (is_fixed(i)) fixed_ids.insert(fixed_ids.begin(), i);
  }
  const auto of = [&](int id) -> const ArenaBuffer& {
    return buffers[static_cast<std::size_t>(id)];
  };
  for (bool swapped = true; swapped;) {
    swapped = false;
    for (std::size_t i = 1; i < ids.size(); ++i) {
      if (of(ids[i - 1]).size >= of(ids[i]).size) continue;
      std::swap(ids[i - 1], ids[i]);
      swapped = true;
    }
  }
  struct Entry {
    int id;
    std::int64_t offset;
  };
  std::list<Entry> placed;
  std::vector<std::int64_t> offsets(buffers.size());
  ids.insert(ids.begin(), fixed_ids.begin(), fixed_ids.end());
  for (const int id : ids) {
    const auto next_alive = [&](std::list<Entry>::iterator from) {
      return std::find_if(from, placed.end(), [&](const Entry& entry) {
        return !(of(entry.id).first > of(id).last || of(id).first > of(entry.id).last);
      });
    };
    std::int64_t candidate = 0;
    if (is_fixed(id)) candidate = fixed[static_cast<std::size_t>(id)];
    for (auto next = next_alive(placed.begin()); !is_fixed(id) && next != placed.end();) {
      if (next->offset - candidate >= of(id).size.value) break;
      candidate = std::max(candidate, next->offset + of(next->id).size.value);
      next = next_alive(std::next(next));
    }
    offsets[static_cast<std::size_t>(id)] = candidate;
    placed.insert(
        std::ranges::find_if(placed, [&](const Entry& entry) { return entry.offset > candidate; }),
        {id, candidate});
  }
  return offsets;
}

TEST(GreedyPlanner, FollowsTheSourceOnRandomBuffers) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Rng rng(seed);
    const auto buffers = testing::random_buffers(rng);
    ASSERT_EQ(offsets(buffers), as_the_source_has_it(buffers)) << "seed " << seed;
  }
}

// Some of the buffers are tensors that have a place already, over others or not.
TEST(GreedyPlanner, FollowsTheSourceAroundFixedPlaces) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Rng rng(seed);
    auto buffers = testing::random_buffers(rng);
    std::vector<std::int32_t> fixed;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      const bool is_tensor = rng.chance(0.7);
      if (is_tensor) buffers[i].tensor = static_cast<std::int32_t>(i);
      const bool has_place = is_tensor && rng.chance(0.5);
      fixed.push_back(has_place ? 16 * static_cast<std::int32_t>(rng.uniform_int(0, 300))
                                : kPlannerDecides);
    }
    const auto expected = as_the_source_has_it(buffers, fixed);
    const Bytes head = plan_greedily(buffers, fixed);
    ASSERT_EQ(head, head_size(buffers));
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      ASSERT_EQ(buffers[i].offset.value, expected[i]) << "seed " << seed << ", buffer " << i;
    }
  }
}

TEST(GreedyPlanner, NeverLaysTwoLiveBuffersOverEachOther) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Rng rng(seed);
    auto buffers = testing::random_buffers(rng);
    const Bytes head = plan_greedily(buffers);
    std::vector<std::int64_t> live(32);  // bytes, by time
    for (const ArenaBuffer& a : buffers) {
      ASSERT_LE(a.offset + a.size, head);
      for (int time = a.first; time <= a.last; ++time)
        live[static_cast<std::size_t>(time)] += a.size.value;
      for (const ArenaBuffer& b : buffers) {
        if (&a == &b || !overlap_in_time(a, b)) continue;
        ASSERT_TRUE(a.offset + a.size <= b.offset || b.offset + b.size <= a.offset)
            << "seed " << seed;
      }
    }
    ASSERT_GE(head.value, *std::ranges::max_element(live)) << "less than what is live at once";
  }
}

// time    0 1 2 3
// a       = =         16 at 32
// b         = =       32 at 0
// c           = =     32 at 32, the end
// d             =     16 at 0
TEST(PeakTime, IsWhenMostIsHeldUpToTheEnd) {
  const std::vector<ArenaBuffer> buffers{
      {.size = 16_B, .first = 0, .last = 1, .offset = 32_B},
      {.size = 32_B, .first = 1, .last = 2, .offset = 0_B},
      {.size = 32_B, .first = 2, .last = 3, .offset = 32_B},
      {.size = 16_B, .first = 3, .last = 3, .offset = 0_B},
  };
  EXPECT_EQ(peak_time(buffers), 2);
  EXPECT_EQ(peak_time({}), 0);
}

// Most is held at time 1, 64 bytes, but what reaches the end, behind a gap, lives at time 0.
TEST(PeakTime, IsThatOfTheBufferAtTheEnd) {
  const std::vector<ArenaBuffer> buffers{
      {.size = 16_B, .first = 0, .last = 0, .offset = 64_B},
      {.size = 64_B, .first = 1, .last = 1, .offset = 0_B},
  };
  EXPECT_EQ(peak_time(buffers), 0);
}

}  // namespace
}  // namespace thimble
