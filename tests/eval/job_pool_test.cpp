#include "thimble/eval/job_pool.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace thimble {
namespace {

constexpr auto kLong = std::chrono::seconds(30);

TEST(JobPool, HandsOutEveryJobOnce) {
  JobPool pool;
  for (int id = 0; id < 20; ++id) {
    pool.launch(id, [id](const auto&) { return Evaluation{.val_accuracy = id / 20.0}; });
  }
  std::set<std::int64_t> seen;
  while (pool.size() > 0) {
    const auto finished = pool.wait(kLong);
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->second.val_accuracy, static_cast<double>(finished->first) / 20.0);
    EXPECT_TRUE(seen.insert(finished->first).second);
  }
  EXPECT_EQ(seen.size(), 20U);
}

TEST(JobPool, TurnsAnExceptionIntoAFailure) {
  JobPool pool;
  pool.launch(7, [](const auto&) -> Evaluation { throw std::runtime_error("no luck"); });
  const auto finished = pool.wait(kLong);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->second.failure, "no luck");
}

TEST(JobPool, StopsWhatRunsWhenItGoesAway) {
  std::atomic<int> ended = 0;
  {
    JobPool pool;
    for (int id = 0; id < 3; ++id) {
      pool.launch(id, [&](const std::function<bool()>& keep_going) {
        while (keep_going()) std::this_thread::yield();
        ++ended;
        return Evaluation{.stopped = true};
      });
    }
    EXPECT_FALSE(pool.wait(std::chrono::milliseconds(1)));
  }
  EXPECT_EQ(ended, 3);
}

}  // namespace
}  // namespace thimble
