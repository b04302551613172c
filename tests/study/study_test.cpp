#include "thimble/study/study.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "study_fixture.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

TEST_F(StudyTest, KeepsWhatItWasGivenAcrossReopening) {
  const Study::Meta meta = {{"seed", "7"}, {"options", "trials = 3\n[data]\nname = \"mnist\"\n"}};
  // "\xff" is no UTF-8: a reason may hold anything, such as a file name.
  TrialRow strange = sample_row(2, 1, TrialStatus::kGivenUp);
  strange.genotype = nullptr;
  strange.parent.reset();
  strange.ram.reset();
  strange.reason = "it's \"quoted\"; DROP TABLE trials; größer\n\xff";
  const std::vector<TrialRow> rows = {
      sample_row(0, 0, TrialStatus::kRejected), sample_row(1, 0, TrialStatus::kRunning), strange,
      sample_row(3, 2, TrialStatus::kDuplicate), sample_row(4, 2, TrialStatus::kRunning)};
  {
    Study study = Study::create(file(), meta);
    study.append(std::span(rows).first(2));
    study.append(std::span(rows).subspan(2));
    EXPECT_THAT(study.trials(), testing::ElementsAreArray(rows));
  }
  const Study study = Study::open(file());
  EXPECT_EQ(study.meta(), meta);
  EXPECT_EQ(study.size(), 5);
  EXPECT_THAT(study.trials(), testing::ElementsAreArray(rows));
  EXPECT_EQ(study.trial(2), strange);
  EXPECT_EQ(study.trial(5), std::nullopt);
  EXPECT_THAT(study.unfinished(), ElementsAre(rows[1], rows[4]));
}

TEST_F(StudyTest, AResultReplacesOnlyTheResult) {
  Study study = Study::create(file(), {});
  const TrialRow first = sample_row(0, 0, TrialStatus::kRunning);
  const TrialRow second = sample_row(1, 1, TrialStatus::kRunning);
  study.append(std::vector{first});
  study.append(std::vector{second});

  TrialRow result = finished(second);
  result.genotype = "forged";
  result.hash = 1;
  result.slot = 9;
  study.finish(result);

  EXPECT_THAT(study.trials(), ElementsAre(first, finished(second)));
  EXPECT_THAT(study.unfinished(), ElementsAre(first));
}

TEST_F(StudyTest, AFailedTrialKeepsItsReason) {
  Study study = Study::create(file(), {});
  std::vector<TrialRow> rows;
  for (int id = 0; id < 5; ++id) rows.push_back(sample_row(id, id, TrialStatus::kRunning));
  study.append(rows);
  study.finish(finished(rows[4]));
  EXPECT_EQ(study.trial(4)->status, TrialStatus::kFailed);
  EXPECT_EQ(study.trial(4)->reason, "diverged in epoch 3");
}

TEST_F(StudyTest, KeepsMetaAndRetrainedNetworksUpToDate) {
  Study study = Study::create(file(), {{"seconds", "0"}});
  study.append(std::vector{sample_row(0, 0, TrialStatus::kRunning)});
  study.set_meta("seconds", "17.5");
  study.set_meta("note", "");
  study.set_retrained({.round = "final", .trial = 0, .result = {{"test_accuracy", 0.5}}});
  study.set_retrained({.round = "heat", .trial = 0, .result = {{"val_accuracy", 0.25}}});
  study.set_retrained({.round = "final", .trial = 0, .result = {{"test_accuracy", 0.75}}});
  EXPECT_THAT(study.meta(), testing::UnorderedElementsAre(testing::Pair("seconds", "17.5"),
                                                          testing::Pair("note", "")));
  EXPECT_THAT(
      study.retrained("final"),
      ElementsAre(RetrainedRow{.round = "final", .trial = 0, .result = {{"test_accuracy", 0.75}}}));
  EXPECT_THAT(
      study.retrained("heat"),
      ElementsAre(RetrainedRow{.round = "heat", .trial = 0, .result = {{"val_accuracy", 0.25}}}));
  EXPECT_THAT(study.retrained("repechage"), IsEmpty());
}

TEST_F(StudyTest, ARunInUseIsRefusedWithItsOwner) {
  int ready[2];
  int done[2];
  ASSERT_EQ(::pipe(ready) + ::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const Study study = Study::create(file(), {});
    char byte = 'r';
    const bool told = ::write(ready[1], &byte, 1) == 1;
    ::close(done[1]);
    ::_exit(told && ::read(done[0], &byte, 1) == 0 ? 0 : 1);
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto in_use = AllOf(HasSubstr(folder_.string() + ": is in use by process "),
                            HasSubstr(std::to_string(child)));
  EXPECT_THAT([&] { Study::open(file()); }, ThrowsMessage<ConfigError>(in_use));
  EXPECT_THAT([&] { Study::create(file(), {}); }, ThrowsMessage<ConfigError>(in_use));
  EXPECT_THAT(Study::open_readonly(file()).trials(), IsEmpty());

  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_NO_THROW(Study::open(file()));
  for (const int descriptor : {ready[0], ready[1], done[0], done[1]}) ::close(descriptor);
}

TEST_F(StudyTest, OthersReadWhileOneWrites) {
  Study writer = Study::create(file(), {});
  const Study reader = Study::open_readonly(file());
  EXPECT_THAT(reader.trials(), IsEmpty());
  const TrialRow row = sample_row(0, 0, TrialStatus::kRunning);
  writer.append(std::vector{row});
  EXPECT_THAT(reader.trials(), ElementsAre(row));
  writer.finish(finished(row));
  EXPECT_THAT(reader.trials(), ElementsAre(finished(row)));
}

TEST_F(StudyTest, AReaderCannotWrite) {
  { Study::create(file(), {}); }
  Study reader = Study::open_readonly(file());
  EXPECT_THROW(reader.set_meta("seed", "1"), DataError);
}

TEST_F(StudyTest, AStudyAtRestIsOneFileThatAWriteProtectedFolderDoesNotHide) {
  { Study::create(file(), {}).append(std::vector{sample_row(0, 0, TrialStatus::kRunning)}); }
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-shm"));
  using std::filesystem::perms;
  std::filesystem::permissions(folder_, perms::owner_read | perms::owner_exec);
  EXPECT_EQ(Study::open_readonly(file()).size(), 1);
  std::filesystem::permissions(folder_, perms::owner_all);
}

TEST_F(StudyTest, ItsPlaceMustBeFreeToCreateAndTakenToOpen) {
  EXPECT_THAT([&] { Study::open(file()); },
              ThrowsMessage<ConfigError>(HasSubstr("study.db: no such study")));
  EXPECT_THAT([&] { Study::open(folder_); },
              ThrowsMessage<ConfigError>(HasSubstr(": no such study")));
  { Study::create(file(), {}); }
  EXPECT_THAT([&] { Study::create(file(), {}); },
              ThrowsMessage<ConfigError>(HasSubstr("study.db: exists already")));
  EXPECT_THAT([&] { Study::create(folder_ / "absent" / "study.db", {}); },
              ThrowsMessage<ConfigError>(HasSubstr("cannot be written: No such file")));
}

TEST_F(StudyTest, AHalfMadeStudyOfAKilledProcessIsMadeAnew) {
  std::ofstream(file().string() + ".new") << "rubbish";
  EXPECT_EQ(Study::create(file(), {{"seed", "1"}}).meta().at("seed"), "1");
}

}  // namespace
}  // namespace thimble
