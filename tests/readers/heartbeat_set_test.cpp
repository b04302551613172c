#include "thimble/readers/heartbeat_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/files/wfdb.hpp"
#include "thimble/readers/reader.hpp"

namespace thimble {
namespace {

using fixtures::append;
using fixtures::bytes;
using fixtures::ByteVector;
using fixtures::error_of;
using fixtures::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

/// Two signals of 12 bits in three bytes: the oracle writes nibbles where the reader shifts.
ByteVector format_212(const std::vector<int>& numbers) {
  std::string nibbles;  // low nibble first
  const auto digit = [](int number, int place) {
    return fmt::format("{:x}", static_cast<unsigned>(number) >> (4 * place) & 0xF);
  };
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    const int a = numbers[i];
    const int b = numbers[i + 1];
    nibbles += digit(a, 0) + digit(a, 1) + digit(a, 2) + digit(b, 2) + digit(b, 0) + digit(b, 1);
  }
  ByteVector file;
  for (std::size_t i = 0; i < nibbles.size(); i += 2) {
    const std::string byte = {nibbles[i + 1], nibbles[i]};
    file.push_back(static_cast<std::uint8_t>(std::stoi(byte, nullptr, 16)));
  }
  return file;
}

void append_mark(ByteVector& file, int code, int distance) {
  append(file, static_cast<std::uint64_t>(code << 10 | distance), 2);
}

/// Beats of these codes at samples 100, 200, …
ByteVector marks(const std::vector<int>& codes) {
  ByteVector file;
  for (const int code : codes) append_mark(file, code, 100);
  append(file, 0, 2);
  return file;
}

const std::string kHead =
    "100 2 360 1000\n100.dat 212 200 11 1024 995 1 0 MLII\n100.dat 212 100(24) 11 0 0 1 0 V5\n# "
    "x\n";

/// A record of 1,000 steps of two signals that count up.
void write_record(const TemporaryFolder& folder, const std::string& name,
                  const std::vector<int>& codes) {
  std::string head = kHead;
  for (std::size_t at = head.find("100"); at != head.npos; at = head.find("100.dat", at + 1)) {
    head.replace(at, 3, name);
  }
  folder.write(name + ".hea", bytes(head));
  std::vector<int> numbers;
  for (int step = 0; step < 1000; ++step) {
    numbers.push_back(1024 + step);
    numbers.push_back(24 - step);
  }
  folder.write(name + ".dat", format_212(numbers));
  folder.write(name + ".atr", marks(codes));
}

TEST(Heartbeats, AreWindowsInMillivoltsAboutTheMarks) {
  const TemporaryFolder folder;
  // Normal, ventricular, a change of rhythm, fusion of a paced beat, nodal escape.
  write_record(folder, "x1", {1, 5, 28, 38, 11});
  write_record(folder, "x2", {10, 1});
  EXPECT_EQ(find_source(folder.path().string()).reader->kind, "heartbeats");
  const RawDataset set = read_heartbeats(folder.path(), {.window = 4});
  EXPECT_EQ(set.train.shape, (Shape{.height = 1, .width = 4, .channels = 2}));
  EXPECT_THAT(set.class_names, ElementsAre("N", "V", "Q"));
  EXPECT_THAT(set.train.labels, ElementsAre(0, 1, 2, 0, 1, 0));
  EXPECT_THAT(set.groups, ElementsAre(0, 0, 0, 0, 1, 1));
  // Steps 98 to 101: (number − 1024) / 200 and (number − 24) / 100.
  EXPECT_THAT(set.train.values.row(0, 8),
              ElementsAre(0.49F, -0.98F, 0.495F, -0.99F, 0.5F, -1.0F, 0.505F, -1.01F));
  EXPECT_TRUE(set.test.empty());
}

TEST(Heartbeats, AreLeftOutWhereTheRecordEnds) {
  const TemporaryFolder folder;
  write_record(folder, "x1", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  const RawDataset set = read_heartbeats(folder.path(), {.window = 256});
  EXPECT_EQ(set.train.size(), 7);  // those at 200 … 800
  EXPECT_THAT(set.findings.notes, ElementsAre(HasSubstr("3 beats are too close to the ends")));
}

TEST(Heartbeats, OfMitBihAreSplitBetweenPatients) {
  const TemporaryFolder folder;
  // DS1, DS2 and the four of paced hearts are all 48 records of the database.
  int records = 0;
  for (int number = 100; number <= 234; ++number) {
    constexpr int kNone[] = {110, 120, 204, 206, 211, 216, 218, 224, 225, 226, 227, 229};
    if ((number > 124 && number < 200) || std::ranges::find(kNone, number) != std::end(kNone)) {
      continue;
    }
    write_record(folder, std::to_string(number), {1, 5});
    ++records;
  }
  ASSERT_EQ(records, 48);
  RawDataset set = read_heartbeats(folder.path(), {.window = 8});
  EXPECT_EQ(set.train.size(), 2 * 22);
  EXPECT_EQ(set.test.size(), 2 * 22);
  EXPECT_THAT(set.findings.notes, ElementsAre(HasSubstr("4 records of neither are left out")));
  std::filesystem::remove(folder.path() / "234.hea");
  set = read_heartbeats(folder.path(), {.window = 8});
  EXPECT_EQ(set.train.size(), 2 * 47) << "a part of the database has no split of its own";
}

TEST(Heartbeats, MayLieInBrokenRecords) {
  const TemporaryFolder folder;
  write_record(folder, "x1", {1, 5});
  write_record(folder, "x2", {1, 5});
  folder.write("x2.dat", {1, 2, 3, 4});
  const RawDataset set = read_heartbeats(folder.path(), {});
  EXPECT_EQ(set.train.size(), 2);
  EXPECT_THAT(set.findings.broken_files,
              ElementsAre(HasSubstr("x2.dat: size = 4 bytes: is cut off")));
  EXPECT_THAT(error_of<DataError>([&] { read_heartbeats(folder.path(), {.strict = true}); }),
              HasSubstr("x2.dat"));
}

TEST(Wfdb, TellsSignalsByTheirHeader) {
  const WfdbHeader header = parse_wfdb_header(kHead, "head");
  EXPECT_EQ(header.data_file, "100.dat");
  EXPECT_EQ(header.format, 212);
  ASSERT_EQ(header.signals.size(), 2);
  EXPECT_EQ(header.signals[0].gain, 200);
  EXPECT_EQ(header.signals[0].baseline, 1024);
  EXPECT_EQ(header.signals[1].gain, 100);
  EXPECT_EQ(header.signals[1].baseline, 24);
  const auto error = [](const std::string& text) {
    return error_of<DataError>([&] { parse_wfdb_header(text, "head"); });
  };
  EXPECT_EQ(error("# only words\n"), "head: signals = 0: at least 1 expected");
  EXPECT_EQ(error("100 2\n100.dat 212\n"), "head: signals = 1: 2 expected");
  EXPECT_EQ(error("100 0\n"), "head:1: NAME SIGNALS expected, 1 to 64 of them");
  EXPECT_EQ(error("100/3 2\n"), "head:1: 100/3: a record of several segments is not read");
  EXPECT_EQ(error("100 1\n100.dat 80\n"), "head:2: format = 80: 16 or 212 expected");
  EXPECT_EQ(error("100 1\n100.dat 212x2\n"), "head:2: format = 212x2: 16 or 212 expected");
  EXPECT_THAT(error("100 1\n../x.dat 16\n"), HasSubstr("head:2: file = ../x.dat: one file beside"));
  EXPECT_THAT(error("100 2\na.dat 16\nb.dat 16\n"), HasSubstr("head:3: file = b.dat"));
  EXPECT_THAT(error("100 1\na.dat 16 much\n"), HasSubstr("head:2: gain = much: a number expected"));
  EXPECT_THAT(error("100 1\na.dat 16 1e-300\n"), HasSubstr("gain = 1e-300: a number expected"));
}

TEST(Wfdb, ReadsNumbersOfTwelveAndSixteenBits) {
  const WfdbHeader twelve{.data_file = "x", .format = 212, .signals = {{.gain = 1}}};
  const std::vector<int> numbers = {0, -1, 2047, -2048, 995, -7};
  EXPECT_THAT(decode_wfdb_signals(format_212(numbers), twelve, "x"),
              ElementsAre(0, -1, 2047, -2048, 995, -7));
  EXPECT_THAT(decode_wfdb_signals(ByteVector{0x34, 0x02}, twelve, "x"), ElementsAre(0x234));
  EXPECT_THAT(error_of<DataError>([&] { decode_wfdb_signals(ByteVector(4), twelve, "x"); }),
              HasSubstr("x: size = 4 bytes"));
  EXPECT_THAT(error_of<DataError>([&] { decode_wfdb_signals({}, twelve, "x"); }),
              HasSubstr("x: size = 0 bytes"));
  const WfdbHeader sixteen{.data_file = "x", .format = 16, .signals = {{.gain = 1}, {.gain = 1}}};
  EXPECT_THAT(decode_wfdb_signals(ByteVector{0xFF, 0xFF, 0x00, 0x80}, sixteen, "x"),
              ElementsAre(-1, -32768));
  EXPECT_THAT(error_of<DataError>([&] { decode_wfdb_signals(ByteVector(6), sixteen, "x"); }),
              HasSubstr("within a sample of 2 signals"));
}

TEST(Wfdb, PassesOverWhatIsNoMark) {
  ByteVector file;
  append_mark(file, 28, 18);
  append_mark(file, 63, 3);  // text of three bytes, filled up to four
  append(file, std::string("(N\0\0", 4));
  append_mark(file, 59, 0);  // 0x00012345 samples: the high word first
  append(file, 0x0001, 2);
  append(file, 0x2345, 2);
  append_mark(file, 1, 2);
  append_mark(file, 61, 1);
  append_mark(file, 5, 1023);
  append(file, 0, 2);
  const auto found = parse_wfdb_marks(file, "marks");
  std::map<std::int64_t, int> codes;
  for (const WfdbMark& mark : found) codes[mark.sample] = mark.code;
  EXPECT_EQ(codes, (std::map<std::int64_t, int>{
                       {18, 28}, {18 + 0x12345 + 2, 1}, {18 + 0x12345 + 2 + 1023, 5}}));
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_THAT(
        error_of<DataError>([&] { parse_wfdb_marks(std::span(file).first(size), "marks"); }),
        HasSubstr("marks: is cut off"));
  }
  ByteVector back;
  append_mark(back, 59, 0);
  append(back, 0xFFFF, 2);
  append(back, 0xFF00, 2);
  EXPECT_THAT(error_of<DataError>([&] { parse_wfdb_marks(back, "marks"); }),
              HasSubstr("sample = -256: is damaged"));
}

TEST(MitBih, HasTheBeatsThatArePublished) {
  const auto infos = known_datasets();
  const auto info = std::ranges::find(infos, "mit-bih", &DatasetInfo::name);
  ASSERT_NE(info, infos.end());
  if (!info->found) GTEST_SKIP() << "mit-bih is not on this machine";
  const RawDataset set = read_heartbeats(*info->found, {.window = 2});
  // Beats of S and V in DS1, as de Chazal et al. 2004 count them.
  EXPECT_EQ(std::ranges::count(set.train.labels, 1), 944);
  EXPECT_EQ(std::ranges::count(set.train.labels, 2), 3788);
}

}  // namespace
}  // namespace thimble
