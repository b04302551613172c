#include "thimble/readers/table_set.hpp"

#include <cmath>
#include <set>

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/files/csv.hpp"

namespace thimble {
namespace {

using fixtures::bytes;
using fixtures::error_of;
using fixtures::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::vector<std::string>> lines_of(const std::string& text) {
  const auto file = bytes(text);
  CsvReader csv(file, "a.csv");
  std::vector<std::vector<std::string>> lines;
  for (std::vector<std::string> cells; csv.next(cells);) lines.push_back(cells);
  return lines;
}

TEST(Csv, ReadsQuotesSeparatorsAndAllEndsOfLines) {
  EXPECT_THAT(
      lines_of("\xEF\xBB\xBF"
               "a,b\r\n1, 2 \n\n\"x, \"\"y\"\"\nz\",\n"),
      ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2"), ElementsAre("x, \"y\"\nz", "")));
  EXPECT_THAT(lines_of("a;b;c,d\n1,5;2;3"),
              ElementsAre(ElementsAre("a", "b", "c,d"), ElementsAre("1,5", "2", "3")));
  EXPECT_THAT(lines_of("a\tb"), ElementsAre(ElementsAre("a", "b")));
  EXPECT_TRUE(lines_of("").empty());
  EXPECT_THAT(error_of<DataError>([] { lines_of("a\nb,\"c\n"); }),
              "a.csv:2: a quote that begins here is not closed");
  EXPECT_THAT(error_of<DataError>([] { lines_of(std::string("a,\0b", 4)); }),
              HasSubstr("is no text"));
}

/// The error of a table of this text.
std::string error(RawDataset (*read)(const std::filesystem::path&, const ReadOptions&),
                  const std::string& text, const ReadOptions& options = {}) {
  const TemporaryFolder folder;
  const auto file = folder.write("a.csv", bytes(text));
  return error_of<DataError>([&] { read(file, options); });
}

TEST(Table, ReadsNamedColumns) {
  const TemporaryFolder folder;
  const auto file = folder.write(
      "a.csv", bytes("id,x,Label,y,subject,split\n7,1,run,-2e1,ann,train\n8,3,rest,4.5,bob,test\n"
                     "9,5,run,6,,train\n"));
  const RawDataset set = read_csv(file, {});
  EXPECT_THAT(set.class_names, ElementsAre("rest", "run"));
  EXPECT_EQ(set.train.shape, (Shape{.height = 1, .width = 1, .channels = 2}));
  EXPECT_THAT(set.train.values, ElementsAre(1, -20, 5, 6));
  EXPECT_THAT(set.test.values, ElementsAre(3, 4.5F));
  EXPECT_THAT(set.train.labels, ElementsAre(1, 1));
  EXPECT_THAT(set.groups, ElementsAre(0, 2)) << "a row without a group is one by itself";
}

TEST(Table, TakesTheLastColumnAsTheLabelWhereNoneIsNamed) {
  const TemporaryFolder folder;
  folder.write("d.tra", bytes("1,2,3,4,10\n5,6,7,8,9\n"));
  folder.write("d.tes", bytes("9,9,9,9,9\n"));
  ASSERT_TRUE(recognises_csv(folder.path()));
  const RawDataset set =
      read_csv(folder.path(), {.shape = Shape{.height = 2, .width = 2, .channels = 1}});
  EXPECT_THAT(set.class_names, ElementsAre("9", "10"));
  EXPECT_EQ(set.test.shape, (Shape{.height = 2, .width = 2, .channels = 1}));
  EXPECT_THAT(set.train.values, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(set.train.labels, ElementsAre(1, 0));
  EXPECT_THAT(set.test.labels, ElementsAre(0));
  EXPECT_THAT(error_of<DataError>([&] {
                read_csv(folder.path(), {.shape = Shape{1, 5, 1}});
              }),
              HasSubstr("columns of values = 4: --shape 1x5x1 has 5"));
}

TEST(Table, IsAFolderWithOneFileAndNothingBeside) {
  const TemporaryFolder folder;
  folder.write("measured/monday.csv", bytes("x,label\n1,a\n2,b\n"));
  EXPECT_EQ(find_source((folder.path() / "measured").string()).reader->kind, "csv");
  folder.write("measured/notes/1.txt", bytes("x"));
  EXPECT_THAT(error_of<DataError>([&] { find_source((folder.path() / "measured").string()); }),
              HasSubstr("holds no data set that is known"));
}

TEST(Table, ComplainsWithLineAndColumn) {
  EXPECT_THAT(error(read_csv, "x,label\n1,a\nnan,b\n"),
              HasSubstr("a.csv:3: x = nan: a finite number expected"));
  EXPECT_THAT(error(read_csv, "1,0\n1e999,1\n"), HasSubstr("a.csv:2: column 1 = 1e999: a finite"));
  EXPECT_THAT(error(read_csv, "x,label\none,a\n"),
              HasSubstr("a.csv:2: x = one: a number expected"));
  EXPECT_THAT(error(read_csv, "x,label\n,a\n"), HasSubstr("a.csv:2: x is missing"));
  EXPECT_THAT(error(read_csv, "x,label\n1,a,3\n"), HasSubstr("a.csv:2: cells = 3: 2 expected"));
  EXPECT_THAT(error(read_csv, "x,y1\n1,2\n"), HasSubstr("a.csv:1: labels are missing"));
  EXPECT_THAT(error(read_csv, "x,class,label\n1,2,3\n"), HasSubstr("activity = 2: 1 expected"));
  EXPECT_THAT(error(read_csv, "x,label\n1,\n"), HasSubstr("sample 0: label is missing"));
  EXPECT_THAT(error(read_csv, "x,label\n1,0.5\n"),
              HasSubstr("label = 0.5: a word or a whole number expected"));
  EXPECT_THAT(error(read_csv, "x,label\n"), HasSubstr("rows = 0"));
  EXPECT_THAT(error(read_csv, "x,label,split\n1,a,later\n"), HasSubstr("a.csv:2: split = later"));
}

TEST(Series, CutsWindowsWithinRunsOfOneLabel) {
  const TemporaryFolder folder;
  std::string text = "time,x,z,label\n";
  // Rows 0–5 of a, 6–7 of b (too short), 8–9 without a label, 10–13 of b.
  for (int i = 0; i < 14; ++i) {
    const char* label = i < 6 ? "a" : i < 8 || i > 9 ? "b" : "";
    text += fmt::format("{},{},{},{}\n", 0.1 * i, i, -i, label);
  }
  const auto file = folder.write("a.csv", bytes(text));
  ASSERT_TRUE(recognises_series(file));
  const RawDataset set = read_series(file, {.window = 3, .stride = 2});
  EXPECT_EQ(set.train.shape, (Shape{.height = 1, .width = 3, .channels = 2}));
  // From 0 and 2 (4 would end at 6), and from 10 (12 would end at 14).
  EXPECT_THAT(set.train.values,
              ElementsAre(0, 0, 1, -1, 2, -2, 2, -2, 3, -3, 4, -4, 10, -10, 11, -11, 12, -12));
  EXPECT_THAT(set.train.labels, ElementsAre(0, 0, 1));
  EXPECT_EQ(set.groups.at(0), set.groups.at(1));
  EXPECT_NE(set.groups.at(0), set.groups.at(2));
  EXPECT_THAT(set.findings.notes,
              ElementsAre("1 runs of one label are shorter than a window of 3 steps",
                          "2 rows have no label and are in no window"));
}

TEST(Series, SharesNoRowAmongSplits) {
  const TemporaryFolder folder;
  std::string text = "t,x,label\n";
  for (int i = 0; i < 4000; ++i) text += fmt::format("{},{},{}\n", i, i, i / 2000);
  const auto file = folder.write("a.csv", bytes(text));
  const Dataset set = load_dataset(file.string(), {.read = {.window = 16, .stride = 4}});
  EXPECT_EQ(set.kind, "series");
  std::set<float> rows[3];
  const Samples* parts[] = {&set.train, &set.validation, &set.test};
  for (int part = 0; part < 3; ++part) {
    rows[part].insert(parts[part]->values.begin(), parts[part]->values.end());
    EXPECT_EQ(std::set<std::int32_t>(parts[part]->labels.begin(), parts[part]->labels.end()).size(),
              2);
  }
  for (const float row : rows[1]) EXPECT_FALSE(rows[0].contains(row) || rows[2].contains(row));
  for (const float row : rows[2]) EXPECT_FALSE(rows[0].contains(row));
  // 40 % of all windows at most are lost between blocks of 10: (10 · 4 + 12) rows a block.
  EXPECT_GT(set.train.size() + set.validation.size() + set.test.size(), 700);
}

TEST(Series, IsNormalisedChannelByChannelOnTheTrainingSplit) {
  const TemporaryFolder folder;
  std::string text = "t,x,z,label,split\n";
  for (int i = 0; i < 40; ++i) {
    text += fmt::format("{},{},{},{},{}\n", i, i % 2 ? 3 : 1, 5, i / 20, "train");
  }
  for (int i = 0; i < 8; ++i) text += fmt::format("{},100,200,0,{}\n", i, i < 4 ? "val" : "test");
  const auto file = folder.write("a.csv", bytes(text));
  const Dataset set = load_dataset(file.string(), {.read = {.window = 4, .stride = 4}});
  EXPECT_THAT(set.normalisation.mean, ElementsAre(2, 5));
  EXPECT_THAT(set.normalisation.stddev, ElementsAre(1, 1)) << "the second channel never varies";
  EXPECT_EQ(set.validation.size(), 1);
  EXPECT_EQ(set.test.size(), 1);
}

TEST(Records, CutAWindowAboutEachMark) {
  const TemporaryFolder folder;
  fixtures::ByteVector record;
  for (int i = 0; i < 10; ++i) fixtures::append(record, static_cast<std::uint16_t>(-i), 2);
  folder.write("a.i16", record);
  folder.write("a_beats.csv", bytes("sample,pvc\n1,0\n4,0\n8,1\n"));
  ASSERT_TRUE(recognises_records(folder.path()));
  const RawDataset set = read_records(folder.path(), {.window = 4});
  EXPECT_THAT(set.train.values, ElementsAre(-2, -3, -4, -5, -6, -7, -8, -9));
  EXPECT_THAT(set.train.labels, ElementsAre(0, 1));
  EXPECT_THAT(set.findings.notes, ElementsAre(HasSubstr("1 marks are too close")));
  folder.write("a_beats.csv", bytes("sample,pvc\n10,0\n"));
  EXPECT_THAT(read_records(folder.path(), {}).findings.broken_files,
              ElementsAre(HasSubstr("a_beats.csv:2: sample = 10: a number below 10")));
}

TEST(Digits, HaveTheirPublishedSizes) {
  const auto folder = data_folder() / "digits";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not on this machine";
  const RawDataset set = read_csv(folder, {.shape = Shape{.height = 8, .width = 8, .channels = 1}});
  EXPECT_EQ(set.train.size(), 3823);
  EXPECT_EQ(set.test.size(), 1797);
  EXPECT_EQ(set.class_names.size(), 10);
}

TEST(Mitbih, IsSplitByRecord) {
  const auto folder = data_folder() / "mitbih";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not on this machine";
  const Dataset set = load_dataset(folder.string());
  EXPECT_EQ(set.kind, "records");
  EXPECT_FALSE(set.train.empty() || set.validation.empty() || set.test.empty());
  EXPECT_EQ(find_duplicates(set).test, 0);
}

}  // namespace
}  // namespace thimble
