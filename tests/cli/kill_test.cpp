#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "cli/program.hpp"
#include "thimble/core/rng.hpp"
#include "thimble/study/study.hpp"

namespace thimble {
namespace {

/// What of a row must never change once it is written; a running one may still get its result.
struct Essence {
  std::int64_t slot;
  std::string genotype;
  std::optional<double> accuracy;
  bool operator==(const Essence&) const = default;
};

std::vector<Essence> essence(const std::vector<TrialRow>& rows) {
  std::vector<Essence> all;
  for (const TrialRow& row : rows) all.push_back({row.slot, row.genotype.dump(), row.val_accuracy});
  return all;
}

// Ten sessions end in kill -9 at random moments. Each must find all that the one before it wrote;
// in the end the study is that of a search which nobody disturbed.
TEST(KillNine, LosesNoTrialAndDoublesNone) {
  const TemporaryFolder folder;
  const std::string data = write_bars(folder, 1500);
  const auto search = [&](const std::string& run) {
    return std::vector<std::string>{"search",      "--data",   data,      "--ram",  "4KiB",
                                    "--flash",     "12KiB",    "--macs",  "400k",   "--trials",
                                    "60",          "--epochs", "2",       "--jobs", "2",
                                    "--finalists", "0",        "--quiet", "--out",  folder / run};
  };
  ASSERT_EQ(thimble(search("whole"), folder).code, 0);
  const std::string study = folder / "killed/study.db";

  Rng rng(5);
  std::vector<TrialRow> before;
  for (int session = 0; session < 10; ++session) {
    const bool begun = std::filesystem::exists(study);
    const pid_t process = start_thimble(
        begun ? std::vector<std::string>{"resume", folder / "killed", "--quiet"} : search("killed"),
        folder);
    const auto trained = static_cast<int>(5 * session + rng.uniform_int(0, 4));
    ASSERT_TRUE(wait_for_trained(trained, study, process)) << wait_for(process, folder).err;
    ::usleep(static_cast<useconds_t>(rng.uniform_int(0, 30'000)));
    ::kill(process, SIGKILL);
    const Finished killed = wait_for(process, folder);
    ASSERT_EQ(killed.code, 128 + SIGKILL) << killed.err;

    const std::vector<TrialRow> after = Study::open_readonly(study).trials();
    ASSERT_GE(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_EQ(after[i].genotype, before[i].genotype);
      if (before[i].status == TrialStatus::kRunning) continue;
      EXPECT_EQ(after[i], before[i]) << "a finished row is never touched again";
    }
    before = after;
  }
  ASSERT_EQ(thimble({"resume", folder / "killed", "--quiet"}, folder).code, 0);

  const auto killed = Study::open_readonly(study).trials();
  const auto whole = Study::open_readonly(folder / "whole/study.db").trials();
  EXPECT_EQ(essence(killed), essence(whole));
  std::set<std::int64_t> trained_slots;
  for (const TrialRow& row : killed) {
    if (row.status != TrialStatus::kEvaluated && row.status != TrialStatus::kFailed) continue;
    EXPECT_TRUE(trained_slots.insert(row.slot).second)
        << "slot " << row.slot << " was trained twice";
  }
  EXPECT_EQ(trained_slots.size(), 60U);
}

}  // namespace
}  // namespace thimble
