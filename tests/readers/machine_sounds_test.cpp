#include "thimble/readers/machine_sounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/readers/reader.hpp"

namespace thimble {
namespace {

using fixtures::bytes;
using fixtures::error_of;
using fixtures::TemporaryFolder;
using fixtures::wav;
using testing::ElementsAre;
using testing::HasSubstr;

/// Samples that count up from `first`.
void record(const TemporaryFolder& folder, const std::string& name, int first, int count) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < count; ++i) samples.push_back(static_cast<std::int16_t>(first + i));
  folder.write(name, wav(samples));
}

TEST(MachineSounds, AreNamedByWhichMachineAndWhetherItIsBroken) {
  const TemporaryFolder folder;
  record(folder, "slider/train/normal_id_02_00000000.wav", 10, 3);
  record(folder, "slider/train/normal_id_00_00000007.wav", 20, 3);
  record(folder, "slider/test/normal_id_00_00000000.wav", 30, 3);
  record(folder, "slider/test/anomaly_id_02_00000000.wav", 40, 3);
  record(folder, "slider/test/id_05_00000000.wav", 50, 3);
  folder.write("slider/README.md", bytes("x"));
  for (const auto& path : {folder.path(), folder.path() / "slider"}) {
    EXPECT_EQ(find_source(path.string()).reader->kind, "machines");
    const RawDataset set = read_machine_sounds(path, {.clip = 2});
    EXPECT_THAT(set.class_names, ElementsAre("id_00", "id_02"));
    EXPECT_THAT(set.train.sound, ElementsAre(20, 21, 10, 11));
    EXPECT_THAT(set.train.labels, ElementsAre(0, 1));
    EXPECT_THAT(set.train.anomalous, ElementsAre(0, 0));
    EXPECT_THAT(set.test.sound, ElementsAre(40, 41, 30, 31));
    EXPECT_THAT(set.test.labels, ElementsAre(1, 0));
    EXPECT_THAT(set.test.anomalous, ElementsAre(1, 0));
    EXPECT_THAT(set.findings.notes, ElementsAre(HasSubstr("2 files are no sounds")));
  }
}

TEST(MachineSounds, OfSeveralKindsAreClassesOfTheirOwn) {
  const TemporaryFolder folder;
  record(folder, "fan/train/normal_id_00_00000000.wav", 1, 3);
  record(folder, "pump/train/normal_id_00_00000000.wav", 2, 3);
  EXPECT_THAT(read_machine_sounds(folder.path(), {.clip = 1}).class_names,
              ElementsAre("fan id_00", "pump id_00"));
}

TEST(MachineSounds, LieInFoldersOfMimii) {
  const TemporaryFolder folder;
  for (int i = 0; i < 60; ++i) {
    const char* state = i < 40 ? "normal" : "abnormal";
    record(folder, fmt::format("slider/id_0{}/{}/{:08}.wav", i % 2, state, i), i, 3);
  }
  EXPECT_EQ(find_source(folder.path().string()).reader->kind, "machines");
  const Dataset set = load_dataset(folder.path().string(), {.read = {.clip = 1}});
  EXPECT_EQ(set.class_names, (std::vector<std::string>{"id_00", "id_01"}));
  EXPECT_EQ(std::ranges::count(set.train.anomalous, 1), 0);
  EXPECT_EQ(std::ranges::count(set.validation.anomalous, 1), 0);
  EXPECT_EQ(std::ranges::count(set.test.anomalous, 1), 20);
  EXPECT_GT(std::ranges::count(set.test.anomalous, 0), 0);
  for (std::size_t i = 0; i < set.test.size(); ++i) {
    EXPECT_EQ(set.test.anomalous[i] != 0, set.test.clip(i)[0] >= 40);
  }
}

TEST(MachineSounds, AreTenSecondsLong) {
  const TemporaryFolder folder;
  record(folder, "train/normal_id_00_00000000.wav", 1, 3);
  EXPECT_EQ(read_machine_sounds(folder.path(), {}).train.shape.elements(), 160'000);
  EXPECT_EQ(read_machine_sounds(folder.path(), {.sample_rate = 8000}).train.shape.elements(),
            80'000);
}

TEST(MachineSounds, AreCutIntoClipsThatOverlapWithinOneSplit) {
  const TemporaryFolder folder;
  for (int i = 0; i < 20; ++i) {
    record(folder, fmt::format("train/normal_id_0{}_{:08}.wav", i % 2, i), 100 * i, 10);
  }
  record(folder, "train/normal_id_00_00000099.wav", 9000, 2);
  const RawDataset raw = read_machine_sounds(folder.path(), {.clip = 4, .stride = 3});
  // 10 samples hold clips of 4 from 0, 3 and 6; 2 are filled up with silence.
  EXPECT_EQ(raw.train.size(), 20 * 3 + 1);
  EXPECT_THAT(raw.train.clip(1), ElementsAre(3, 4, 5, 6));
  EXPECT_EQ(raw.train.names[0], raw.train.names[2]);
  EXPECT_NE(raw.train.names[0], raw.train.names[3]);
  const auto last = std::ranges::find(raw.train.names, "train/normal_id_00_00000099.wav");
  ASSERT_NE(last, raw.train.names.end());
  EXPECT_THAT(raw.train.clip(static_cast<std::size_t>(last - raw.train.names.begin())),
              ElementsAre(9000, 9001, 0, 0));
  const Dataset set = load_dataset(folder.path().string(), {.read = {.clip = 4, .stride = 3}});
  std::set<std::string> seen;
  std::size_t files = 0;
  for (const Samples* part : {&set.train, &set.validation, &set.test}) {
    const std::set<std::string> names(part->names.begin(), part->names.end());
    files += names.size();
    seen.insert(names.begin(), names.end());
  }
  EXPECT_EQ(files, seen.size()) << "clips of one file are in two splits";
}

TEST(MachineSounds, MayBeBroken) {
  const TemporaryFolder folder;
  record(folder, "train/normal_id_00_00000000.wav", 1, 3);
  folder.write("train/normal_id_00_00000001.wav", bytes("no sound"));
  const RawDataset set = read_machine_sounds(folder.path(), {.clip = 1});
  EXPECT_EQ(set.train.size(), 1);
  EXPECT_THAT(set.findings.broken_files, ElementsAre(HasSubstr("00000001.wav: is neither WAV")));
  EXPECT_THAT(
      error_of<DataError>([&] { read_machine_sounds(folder.path(), {.strict = true, .clip = 1}); }),
      HasSubstr("00000001.wav"));
}

}  // namespace
}  // namespace thimble
