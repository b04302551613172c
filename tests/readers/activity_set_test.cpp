#include "thimble/readers/activity_set.hpp"

#include <fmt/format.h>

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
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kX = "Inertial Signals/body_acc_x_";
constexpr const char* kY = "Inertial Signals/body_acc_y_";

void write(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  folder.write(name, bytes(text));
}

/// Three windows of two channels and four steps for training, one for the test.
void write_set(const TemporaryFolder& folder) {
  write(folder, std::string("train/") + kX + "train.txt",
        "  1.0e+000 2 3 4\n 11 12 13 14\n 21 22 23 24\n");
  write(folder, std::string("train/") + kY + "train.txt",
        " -1 -2 -3 -4\n-11 -12 -13 -14\n-21 -22 -23 -2.4e-001\n");
  write(folder, "train/y_train.txt", "5\n2\n5\n");
  write(folder, "train/subject_train.txt", "7\n7\n30\n");
  write(folder, std::string("test/") + kX + "test.txt", "1 2 3 4\r\n");
  write(folder, std::string("test/") + kY + "test.txt", "5 6 7 8\r\n");
  write(folder, "test/y_test.txt", "2\r\n");
  write(folder, "activity_labels.txt", "2 WALKING_UPSTAIRS\n5 STANDING\n6 LAYING\n");
}

TEST(Activities, AreWindowsOfAllChannels) {
  const TemporaryFolder folder;
  write_set(folder);
  EXPECT_EQ(find_source(folder.path().string()).reader->kind, "activities");
  const RawDataset set = read_activities(folder.path(), {});
  EXPECT_EQ(set.train.shape, (Shape{.height = 1, .width = 4, .channels = 2}));
  EXPECT_THAT(set.class_names, ElementsAre("WALKING_UPSTAIRS", "STANDING"));
  EXPECT_THAT(set.train.labels, ElementsAre(1, 0, 1));
  EXPECT_THAT(set.groups, ElementsAre(0, 0, 1));
  EXPECT_THAT(set.train.values.row(0, 8), ElementsAre(1, -1, 2, -2, 3, -3, 4, -4));
  EXPECT_THAT(set.train.values.row(2, 8), ElementsAre(21, -21, 22, -22, 23, -23, 24, -0.24F));
  EXPECT_THAT(set.test.values, ElementsAre(1, 5, 2, 6, 3, 7, 4, 8));
  EXPECT_THAT(set.test.labels, ElementsAre(0));
}

TEST(Activities, NeedNeitherNamesNorSubjects) {
  const TemporaryFolder folder;
  write_set(folder);
  std::filesystem::remove(folder.path() / "activity_labels.txt");
  std::filesystem::remove(folder.path() / "train/subject_train.txt");
  const RawDataset set = read_activities(folder.path(), {});
  EXPECT_THAT(set.class_names, ElementsAre("2", "5"));
  EXPECT_TRUE(set.groups.empty());
}

TEST(Activities, AreRefusedWhereFilesDoNotFit) {
  const auto error = [](const std::string& name, const std::string& text) {
    const TemporaryFolder folder;
    write_set(folder);
    write(folder, name, text);
    return error_of<DataError>([&] { read_activities(folder.path(), {}); });
  };
  const std::string x = std::string("train/") + kX + "train.txt";
  EXPECT_THAT(error(x, "1 2 3 4\n1 2 3 4\n1 2 3\n"),
              HasSubstr("body_acc_x_train.txt:3: numbers = 3: 4 expected, as in the first line"));
  EXPECT_THAT(error(x, "1 2 3 4\n1 2 nan 4\n1 2 3 4\n"),
              HasSubstr("body_acc_x_train.txt:2: body_acc_x = nan: a finite number expected"));
  EXPECT_THAT(error(x, "1 2 3 4\n1 2 3 4x\n1 2 3 4\n"), HasSubstr("body_acc_x = 4x: a number"));
  EXPECT_THAT(error(x, "1 2 3 4\n1 2 3 4\n"), HasSubstr("windows = 2: 3 expected, as many as"));
  EXPECT_THAT(error(x, "1 2\n1 2\n1 2\n"), HasSubstr("steps = 4: 2 expected, as in"));
  EXPECT_THAT(error(std::string("test/") + kX + "test.txt", "1 2 3\n"), HasSubstr("expected"));
  EXPECT_THAT(error("train/y_train.txt", "5\n2\nrun\n"),
              HasSubstr("y_train.txt:3: activity = run: one whole number expected"));
  EXPECT_THAT(error("train/subject_train.txt", "5\n2\n"),
              HasSubstr("subject_train.txt: lines = 2: 3 expected, one a window"));
  EXPECT_THAT(error("activity_labels.txt", "2 A\n2 B\n"), HasSubstr("activity_labels.txt:2: "));
  const TemporaryFolder folder;
  write_set(folder);
  std::filesystem::remove(folder.path() / (std::string("test/") + kY + "test.txt"));
  EXPECT_THAT(error_of<DataError>([&] { read_activities(folder.path(), {}); }),
              HasSubstr("body_acc_y_test.txt: not there"));
}

TEST(HumanActivities, AreThePublishedWindows) {
  const auto infos = known_datasets();
  const auto har = std::ranges::find(infos, "har", &DatasetInfo::name);
  ASSERT_NE(har, infos.end());
  if (!har->found) GTEST_SKIP() << "har is not on this machine";
  const Dataset set = load_dataset("har");
  EXPECT_EQ(set.shape(), (Shape{.height = 1, .width = 128, .channels = 9}));
  EXPECT_EQ(set.train.size() + set.validation.size(), 7352);
  EXPECT_EQ(set.test.size(), 2947);
  EXPECT_EQ(set.class_names.front(), "WALKING");
}

}  // namespace
}  // namespace thimble
