#include "thimble/arena/packing.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "arena/buffers.hpp"
#include "packing_search.hpp"

namespace thimble {
namespace {

using testing::buffer;

constexpr std::int64_t kLine = 16;

/// The least head of all packings: every buffer is tried at every line.
class EveryPlacement {
 public:
  explicit EveryPlacement(std::vector<ArenaBuffer> buffers) : buffers_(std::move(buffers)) {}

  std::int64_t least_head() {
    least_ = 0;
    for (const ArenaBuffer& each : buffers_) least_ += each.size.value;
    place(0, 0);
    return least_;
  }

 private:
  void place(std::size_t next, std::int64_t head) {
    if (next == buffers_.size()) {
      least_ = head;
      return;
    }
    ArenaBuffer& wanted = buffers_[next];
    for (std::int64_t offset = 0; offset + wanted.size.value < least_; offset += kLine) {
      wanted.offset = Bytes(offset);
      const bool collides = std::any_of(
          buffers_.begin(), buffers_.begin() + static_cast<std::ptrdiff_t>(next),
          [&](const ArenaBuffer& placed) {
            return overlap_in_time(placed, wanted) && placed.offset < wanted.offset + wanted.size &&
                   wanted.offset < placed.offset + placed.size;
          });
      if (!collides) place(next + 1, std::max(head, offset + wanted.size.value));
    }
  }

  std::vector<ArenaBuffer> buffers_;
  std::int64_t least_ = 0;
};

/// The least head of all orders of placing buffers, each as low as it fits. Some order gives the
/// best packing: that of its offsets.
std::int64_t least_head_of_all_orders(const std::vector<ArenaBuffer>& buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  do {
    std::vector<ArenaBuffer> placed;
    std::int64_t head = 0;
    for (const std::size_t i : order) {
      ArenaBuffer wanted = buffers[i];
      wanted.offset = {};
      for (bool moved = true; moved;) {
        moved = false;
        for (const ArenaBuffer& other : placed) {
          if (!overlap_in_time(other, wanted) || other.offset >= wanted.offset + wanted.size ||
              wanted.offset >= other.offset + other.size) {
            continue;
          }
          wanted.offset = other.offset + other.size;
          moved = true;
        }
      }
      head = std::max(head, (wanted.offset + wanted.size).value);
      placed.push_back(wanted);
    }
    least = std::min(least, head);
  } while (std::ranges::next_permutation(order).found);
  return least;
}

TEST(Packing, OfNothingIsNothing) {
  const Packing packing = pack({});
  EXPECT_EQ(packing.head, 0_B);
  EXPECT_EQ(packing.gap(), 0_B);
}

// The example of GreedyPlanner.IsNotOptimal, which comes to 112 bytes: 80 are live at once.
TEST(Packing, IsBetterThanTheGreedyPlanner) {
  std::vector<ArenaBuffer> buffers = {buffer(32, 2, 3), buffer(32, 0, 2), buffer(48, 3, 3),
                                      buffer(48, 1, 1)};
  const Packing packing = pack(buffers);
  EXPECT_EQ(packing.head, 80_B);
  EXPECT_EQ(packing.lower_bound, 80_B);
  EXPECT_TRUE(testing::is_packing(buffers));
  EXPECT_EQ(head_size(buffers), 80_B);
}

TEST(Packing, IsTheBestOfAllPlacementsOfAFewBuffers) {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    Rng rng(seed);
    auto buffers = testing::random_buffers(rng, {.most = 6, .latest = 5, .largest = 5});
    const Packing packing = pack(buffers);
    ASSERT_EQ(packing.head.value, EveryPlacement(buffers).least_head()) << "seed " << seed;
    ASSERT_EQ(packing.gap(), 0_B) << "seed " << seed;
  }
}

/// Of sizes in lines. Rare ones: one in a million random packings of so few buffers needs more than
/// what is live at once.
std::vector<std::vector<ArenaBuffer>> hard_packings() {
  const auto lines = [](std::initializer_list<ArenaBuffer> buffers) {
    std::vector<ArenaBuffer> result(buffers);
    for (ArenaBuffer& each : result) each.size = each.size * kLine;
    return result;
  };
  return {lines({buffer(2, 3, 5), buffer(1, 0, 4), buffer(3, 3, 3), buffer(4, 7, 8),
                 buffer(2, 4, 8), buffer(4, 0, 0), buffer(2, 5, 6)}),
          lines({buffer(2, 1, 3), buffer(1, 2, 5), buffer(2, 5, 6), buffer(1, 4, 5),
                 buffer(2, 6, 6), buffer(1, 7, 7), buffer(2, 0, 1), buffer(1, 3, 4)}),
          lines({buffer(4, 6, 6), buffer(2, 1, 5), buffer(2, 2, 2), buffer(4, 0, 0),
                 buffer(3, 4, 6), buffer(2, 5, 5), buffer(1, 0, 4), buffer(2, 0, 2)})};
}

TEST(Packing, ProvesThatMoreIsNeededThanWhatIsLiveAtOnce) {
  for (auto& buffers : hard_packings()) {
    const Packing packing = pack(buffers);
    EXPECT_EQ(packing.head.value, EveryPlacement(buffers).least_head());
    EXPECT_GT(packing.head, most_live(buffers));
    EXPECT_EQ(packing.lower_bound, packing.head);
    EXPECT_TRUE(testing::is_packing(buffers));
  }
}

TEST(Packing, SaysHowFarItMayBeFromTheBestWhenItGivesUp) {
  for (auto& buffers : hard_packings()) {
    const Packing packing = pack(buffers, {.placements = 3});
    EXPECT_EQ(packing.lower_bound, most_live(buffers));
    EXPECT_GT(packing.gap(), 0_B);
  }
}

// From the worst packing, each buffer on top of all others, so that nothing else helps.
TEST(PackingSearch, FindsTheBestOfAllPlacementsByItself) {
  const auto check = [](std::vector<ArenaBuffer> buffers) {
    Bytes end;
    for (ArenaBuffer& each : buffers) {
      each.offset = end;
      end += each.size;
    }
    const Bytes bound = most_live(buffers);
    ASSERT_TRUE(arena::improve_by_search(buffers, bound, 1'000'000));
    ASSERT_TRUE(testing::is_packing(buffers));
    ASSERT_EQ(head_size(buffers).value, EveryPlacement(buffers).least_head());
  };
  for (const auto& buffers : hard_packings()) check(buffers);
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    check(testing::random_buffers(rng, {.most = 6, .latest = 5, .largest = 5}));
    if (HasFatalFailure()) return;
  }
}

TEST(Packing, IsTheBestOfAllOrdersOfSevenBuffers) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    Rng rng(seed);
    auto buffers = testing::random_buffers(rng, {.most = 7, .latest = 6, .largest = 30});
    ASSERT_EQ(pack(buffers).head.value, least_head_of_all_orders(buffers)) << "seed " << seed;
  }
}

// Without orders and local search the branch and bound must find the same from the greedy planner's
// packing alone.
TEST(Packing, IsAsGoodBySearchAlone) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Rng rng(seed);
    auto buffers = testing::random_buffers(rng, {.most = kSurelyPackedBest, .latest = 8});
    auto again = buffers;
    const Packing packing = pack(buffers);
    ASSERT_EQ(packing.gap(), 0_B) << "seed " << seed << ": " << buffers.size() << " buffers";
    ASSERT_EQ(pack(again, {.orders = 0}).head, packing.head) << "seed " << seed;
  }
}

TEST(Packing, IsNeverWorseThanTheGreedyPlannerAndNeverBelowItsBound) {
  int better = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    auto buffers = testing::random_buffers(rng, {.most = 80, .latest = 40});
    auto greedy = buffers;
    const Packing packing = pack(buffers, {.orders = 200, .placements = 5'000});
    ASSERT_TRUE(testing::is_packing(buffers)) << "seed " << seed;
    ASSERT_EQ(head_size(buffers), packing.head) << "seed " << seed;
    ASSERT_GE(packing.head, packing.lower_bound) << "seed " << seed;
    ASSERT_GE(packing.lower_bound, most_live(buffers)) << "seed " << seed;
    const Bytes head = plan_greedily(greedy);
    ASSERT_LE(packing.head, head) << "seed " << seed;
    better += packing.head < head ? 1 : 0;
  }
  EXPECT_GT(better, 100);
}

TEST(Packing, IsTheSameEveryTime) {
  Rng rng(5);
  auto buffers = testing::random_buffers(rng, {.most = 60, .latest = 30});
  auto again = buffers;
  pack(buffers, {.orders = 100, .placements = 1'000});
  pack(again, {.orders = 100, .placements = 1'000});
  EXPECT_EQ(buffers, again);
}

}  // namespace
}  // namespace thimble
