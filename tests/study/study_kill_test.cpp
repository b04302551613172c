// A process that writes a study is killed at random moments.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <deque>
#include <thread>

#include "study_fixture.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

constexpr std::size_t kInFlight = 3;

/// How many proposals slot `slot` is rejected before one is accepted.
std::int64_t rejections(std::int64_t slot) { return slot * 7 % 5; }

/// The proposals of one slot: rejections, then the accepted one.
std::vector<TrialRow> proposals(std::int64_t first_id, std::int64_t slot) {
  std::vector<TrialRow> rows;
  for (std::int64_t i = 0; i < rejections(slot); ++i) {
    rows.push_back(sample_row(first_id + i, slot, TrialStatus::kRejected));
  }
  rows.push_back(sample_row(first_id + rejections(slot), slot, TrialStatus::kRunning));
  return rows;
}

/// What the killed process does: takes up what was in flight and goes on for ever; says each number
/// of rows and results once they are written.
[[noreturn]] void write_forever(const std::filesystem::path& file, int report) {
  Study study = Study::open(file);
  std::deque<TrialRow> running;
  for (TrialRow& row : study.unfinished()) running.push_back(std::move(row));
  std::int64_t slot = study.size() == 0 ? 0 : study.trial(study.size() - 1)->slot + 1;
  for (;; ++slot) {
    if (running.size() == kInFlight) {
      study.finish(finished(running.front()));
      running.pop_front();
    }
    const std::vector<TrialRow> rows = proposals(study.size(), slot);
    study.append(rows);
    running.push_back(rows.back());
    const std::int64_t acknowledged = rows.back().id + 1;
    if (::write(report, &acknowledged, sizeof acknowledged) != sizeof acknowledged) ::_exit(1);
  }
}

/// Runs a writer until it has written `slots` slots and for a while longer, kills it, and returns
/// how many rows it had reported.
std::int64_t killed_writer(const std::filesystem::path& file, std::int64_t slots,
                           std::chrono::microseconds longer) {
  int report[2];
  EXPECT_EQ(::pipe(report), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(report[0]);
    write_forever(file, report[1]);
  }
  ::close(report[1]);
  std::int64_t acknowledged = 0;
  const auto next_report = [&] {
    return ::read(report[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged;
  };
  for (std::int64_t slot = 0; slot < slots; ++slot) EXPECT_TRUE(next_report());
  std::this_thread::sleep_for(longer);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  while (next_report()) {
  }
  ::close(report[0]);
  return acknowledged;
}

TEST_F(StudyTest, AKilledProcessLosesNothingThatWasWritten) {
  { Study::create(file(), {{"seed", "7"}}); }
  Rng rng(1);
  std::vector<TrialRow> before;
  std::int64_t all_slots = 0;
  for (int round = 0; round < 40; ++round) {
    // None: it may die while it is still opening the study.
    const std::int64_t slots = rng.uniform_int(0, 10);
    all_slots += slots;
    const std::chrono::microseconds longer(rng.uniform_int(0, 3'000));
    const std::int64_t acknowledged = killed_writer(file(), slots, longer);

    const Study study = Study::open(file());
    const std::vector<TrialRow> after = study.trials();
    EXPECT_EQ(study.meta().at("seed"), "7");
    ASSERT_GE(static_cast<std::int64_t>(after.size()), acknowledged);

    // The history is a prefix of what is there now; only results were added to what was running.
    ASSERT_GE(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i].status == TrialStatus::kRunning) {
        EXPECT_TRUE(after[i] == before[i] || after[i] == finished(before[i]));
      } else {
        EXPECT_EQ(after[i], before[i]);
      }
    }

    // Slot by slot, every row is what was to be written, and the last slot is whole too.
    std::size_t running = 0;
    std::size_t next = 0;
    for (std::int64_t slot = 0; next < after.size(); ++slot) {
      for (const TrialRow& expected : proposals(static_cast<std::int64_t>(next), slot)) {
        ASSERT_LT(next, after.size());
        const TrialRow& row = after[next++];
        if (row.status == TrialStatus::kRunning) ++running;
        EXPECT_TRUE(row == expected ||
                    (expected.status == TrialStatus::kRunning && row == finished(expected)));
      }
    }
    EXPECT_LE(running, kInFlight);
    EXPECT_EQ(study.unfinished().size(), running);
    before = after;
  }
  EXPECT_GE(static_cast<std::int64_t>(before.size()), all_slots);
}

}  // namespace
}  // namespace thimble
