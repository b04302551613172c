#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "thimble/study/study.hpp"

namespace thimble {

/// A folder of its own for each test, gone afterwards.
class StudyTest : public testing::Test {
 protected:
  StudyTest() {
    std::string name = (std::filesystem::temp_directory_path() / "thimble-study-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~StudyTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file() const { return folder_ / "study.db"; }

  std::filesystem::path folder_;
};

/// A row whose every value is a function of its id, so that any row of any study can be checked.
inline TrialRow sample_row(std::int64_t id, std::int64_t slot, TrialStatus status) {
  TrialRow row{.id = id, .slot = slot, .status = status};
  if (id > 0) row.parent = id / 2;
  row.genotype = {{"space", "munas"}, {"blocks", {id, id + 1}}};
  row.hash = 0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(id + 1);
  row.ram = Bytes(1000 + id);
  row.flash = Bytes(2000 + id);
  row.macs = Macs(3000 + id);
  row.params = 4000 + id;
  if (status == TrialStatus::kRejected) row.reason = "ram 24.1 KiB > 20.0 KiB";
  return row;
}

/// The same row with its result.
inline TrialRow finished(TrialRow row) {
  row.status = row.id % 5 == 4 ? TrialStatus::kFailed : TrialStatus::kEvaluated;
  if (row.status == TrialStatus::kFailed) {
    row.reason = "diverged in epoch 3";
  } else {
    row.val_accuracy = 1.0 / static_cast<double>(row.id + 3);
    row.float_accuracy = 0.5;
  }
  row.seconds = 1.25;
  row.extra = {{"epochs", row.id}};
  return row;
}

}  // namespace thimble
