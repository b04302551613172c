// Studies that cannot be read, and disks that cannot be written.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include "study_fixture.hpp"
#include "support/full_disk.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class DamagedStudyTest : public StudyTest {
 protected:
  /// A study of several pages, closed.
  std::vector<std::uint8_t> make_study() {
    Study study = Study::create(file(), {{"seed", "7"}});
    std::vector<TrialRow> rows;
    for (int id = 0; id < 100; ++id) rows.push_back(sample_row(id, id, TrialStatus::kRunning));
    study.append(rows);
    { Study closed = std::move(study); }
    return read_bytes(file());
  }

  /// Refused by both ways of opening with a ConfigError of one line that names the file, and not
  /// touched.
  void expect_refused(const std::vector<std::uint8_t>& bytes, const std::string& what = "") {
    write_file(file(), bytes);
    const auto message = testing::AllOf(testing::StartsWith(file().string() + ": "),
                                        HasSubstr(what), testing::Not(HasSubstr("\n")));
    EXPECT_THAT([&] { Study::open(file()); }, ThrowsMessage<ConfigError>(message));
    EXPECT_THAT([&] { Study::open_readonly(file()); }, ThrowsMessage<ConfigError>(message));
    EXPECT_EQ(read_bytes(file()), bytes);
  }

  /// As another program, or another version of this one, might.
  void change(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
};

TEST_F(DamagedStudyTest, RandomBytesAreNoStudy) {
  Rng rng(1);
  for (const int size : {1, 16, 99, 100, 512, 4096, 10000}) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.bits());
    expect_refused(bytes, "is no study");
  }
}

TEST_F(DamagedStudyTest, AnEmptyFileIsNoStudy) { expect_refused({}, "is no study"); }

TEST_F(DamagedStudyTest, ATruncatedStudyIsRefusedWhereverItEnds) {
  const std::vector<std::uint8_t> whole = make_study();
  constexpr std::size_t kPage = 4096;
  ASSERT_GE(whole.size(), 8 * kPage);
  for (std::size_t page = 0; page < whole.size() / kPage; ++page) {
    for (const std::size_t rest : {std::size_t{0}, std::size_t{50}, kPage / 2, kPage - 1}) {
      expect_refused(
          {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(page * kPage + rest)});
    }
  }
}

TEST_F(DamagedStudyTest, AnOverwrittenPageIsRefused) {
  const std::vector<std::uint8_t> whole = make_study();
  for (std::size_t page = 0; page < whole.size() / 4096; ++page) {
    std::vector<std::uint8_t> bytes = whole;
    for (std::size_t i = 0; i < 4096; ++i) bytes[page * 4096 + i] = 0xa5;
    expect_refused(bytes);
  }
}

TEST_F(DamagedStudyTest, ADatabaseOfAnotherProgramIsNoStudy) {
  change("CREATE TABLE trials (id INTEGER)");
  expect_refused(read_bytes(file()), "is no study");
}

TEST_F(DamagedStudyTest, AStudyOfANewerVersionIsRefused) {
  make_study();
  change("PRAGMA user_version = 3");
  expect_refused(read_bytes(file()), "schema version = 3: this thimble reads version 2");
}

TEST_F(DamagedStudyTest, AMissingTrialIsNoticed) {
  make_study();
  change("DELETE FROM trials WHERE id = 17");
  expect_refused(read_bytes(file()), "trials are missing");
}

TEST_F(DamagedStudyTest, AValueThatCannotBeIsNamed) {
  make_study();
  const std::pair<const char*, const char*> cases[] = {
      {"UPDATE trials SET status = 'evalated' WHERE id = 3", "trials[3].status = \"evalated\""},
      {"UPDATE trials SET hash = 'xyz' WHERE id = 2", "trials[2].hash = \"xyz\""},
      {"UPDATE trials SET genotype = '{' WHERE id = 1", "trials[1].genotype"}};
  for (const auto& [sql, what] : cases) {
    change(sql);
    const Study study = Study::open_readonly(file());
    EXPECT_THAT([&] { study.trials(); }, ThrowsMessage<ConfigError>(HasSubstr(what)));
  }
}

TEST_F(StudyTest, AFullDiskLosesNothingThatWasWritten) {
  std::vector<TrialRow> written;
  {
    Study study = Study::create(file(), {});
    const FullDisk full(200'000);
    const auto write_on = [&] {
      while (written.size() < 10'000) {
        const auto id = static_cast<std::int64_t>(written.size());
        const TrialRow row = sample_row(id, id, TrialStatus::kRunning);
        study.append(std::vector{row});
        written.push_back(row);
      }
    };
    EXPECT_THAT(write_on,
                ThrowsMessage<DataError>(HasSubstr("make room on the disk, then resume")));
    EXPECT_GT(written.size(), 10U);
    EXPECT_EQ(study.trials(), written);
    EXPECT_THROW(study.append(std::vector{sample_row(study.size(), 0, TrialStatus::kRunning)}),
                 DataError);
  }
  Study study = Study::open(file());
  EXPECT_EQ(study.trials(), written);
  written.push_back(sample_row(study.size(), 0, TrialStatus::kRunning));
  study.append(std::span(written).last(1));
  EXPECT_EQ(study.trials(), written);
}

TEST_F(StudyTest, AFullDiskRefusesANewStudyAndLeavesNoneBehind) {
  {
    const FullDisk full(5'000);
    EXPECT_THROW(Study::create(file(), {}), DataError);
  }
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_NO_THROW(Study::create(file(), {}));
}

}  // namespace
}  // namespace thimble
