#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/program.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"

namespace thimble {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Twenty grey images of one pixel of each of two classes, one of them broken, one there twice.
void write_images(const std::filesystem::path& folder) {
  for (int i = 0; i < 40; ++i) {
    const auto place = folder / (i % 2 ? "odd" : "even");
    std::filesystem::create_directories(place);
    write_file(place / (std::to_string(i) + ".pgm"), "P2 1 1 255 " + std::to_string(i));
  }
  write_file(folder / "odd" / "bad\n.png", "no image");
}

TEST(Datasets, SaysWhatAPathHolds) {
  const TemporaryFolder folder;
  write_images(folder.path() / "photos");
  const Finished text = thimble({"datasets", folder / "photos"}, folder);
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("photos: images, samples of 1x1x1 uint8, 2 classes"),
                              HasSubstr("class  training  validation  test"),
                              HasSubstr("even         15           2     3"),
                              HasSubstr("all          30           4     6"),
                              HasSubstr("broken files, left out: 1"), HasSubstr("bad\\n.png")));
  const Finished json = thimble({"datasets", "images:" + (folder / "photos"), "--json"}, folder);
  EXPECT_EQ(json.code, 0) << json.err;
  const Json answer = Json::parse(json.out);
  EXPECT_EQ(answer.at("schema"), 1);
  EXPECT_EQ(answer.at("kind"), "images");
  EXPECT_EQ(answer.at("class_names"), (Json{"even", "odd"}));
  EXPECT_EQ(answer.at("splits").at("train"), 30);
  EXPECT_EQ(answer.at("samples_of_class").at("test"), (Json{3, 3}));
  EXPECT_EQ(answer.at("broken").at("files"), 1);
}

TEST(Datasets, DrawsTheSplitsThatAreAskedFor) {
  const TemporaryFolder folder;
  // Three persons; only the first has the class b.
  std::string table = "x,subject,label\n";
  for (int i = 0; i < 60; ++i) {
    const int subject = i / 20;
    table += fmt::format("{},{},{}\n", i, subject, subject == 0 && i % 2 ? "b" : "a");
  }
  write_file(folder.path() / "steps.csv", table);
  const auto splits = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"datasets", folder / "steps.csv", "--json"});
    const Finished run = thimble(more, folder);
    EXPECT_EQ(run.code, 0) << run.err;
    const Json answer = Json::parse(run.out);
    return std::pair(answer.at("splits"), answer.at("samples_of_class"));
  };
  EXPECT_EQ(splits({}).first, (Json{{"train", 20}, {"validation", 20}, {"test", 20}}));
  const auto [mixed, classes] = splits({"--mix-groups"});
  EXPECT_EQ(mixed, (Json{{"train", 45}, {"validation", 6}, {"test", 9}}));
  EXPECT_GT(classes.at("test").at(1), 0);
  EXPECT_EQ(splits({"--mix-groups", "--validation-share", "0.2", "--test-share", "0.3"}).first,
            (Json{{"train", 30}, {"validation", 12}, {"test", 18}}));
  const Finished refused =
      thimble({"datasets", folder / "steps.csv", "--validation-share", "0.8"}, folder);
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.err,
            "--validation-share = 0.8: with --test-share 0.15, at most 0.9 together\n");
}

TEST(Datasets, WarnsOfSamplesThatAreInTwoSplits) {
  const TemporaryFolder folder;
  const std::pair<std::string, int> images[] = {
      {"set/train/a", 1}, {"set/train/b", 2}, {"set/val/a", 3}, {"set/test/b", 3}};
  for (const auto& [place, value] : images) {
    std::filesystem::create_directories(folder.path() / place);
    write_file(folder.path() / place / "x.pgm", "P2 1 1 9 " + std::to_string(value));
  }
  const Finished run = thimble({"datasets", folder / "set"}, folder);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out,
              AllOf(HasSubstr("samples that are in two splits: 0 of validation, 1 of test"),
                    HasSubstr("test/b/x.pgm (test) = val/a/x.pgm (validation)")));
}

TEST(Datasets, CountsWhatIsAnomalous) {
  const TemporaryFolder folder;
  std::string list;
  for (int i = 0; i < 40; ++i) {
    write_file(folder.path() / (std::to_string(i) + ".pgm"), "P2 1 1 255 " + std::to_string(i));
    list += fmt::format("{{\"path\": \"{}.pgm\", \"label\": {}, \"anomalous\": {}}}\n", i, i % 2,
                        i < 7);
  }
  write_file(folder.path() / "list.jsonl", list);
  const Finished text = thimble({"datasets", folder / "list.jsonl"}, folder);
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, ::testing::ContainsRegex("\nanomalous +0 +0 +7\n"));
  const Json answer =
      Json::parse(thimble({"datasets", folder / "list.jsonl", "--json"}, folder).out);
  EXPECT_EQ(answer.at("anomalous"), (Json{{"train", 0}, {"validation", 0}, {"test", 7}}));
}

TEST(Datasets, RefusesWithOneLine) {
  const TemporaryFolder folder;
  write_images(folder.path() / "photos");
  EXPECT_THAT(complaint({"datasets", folder / "photos", "--strict"}, folder),
              HasSubstr("bad\\n.png: is no image"));
  EXPECT_THAT(complaint({"datasets", "imges:" + (folder / "photos")}, folder),
              HasSubstr("did you mean \"images\"?"));
  EXPECT_THAT(complaint({"datasets", folder / "nothing"}, folder), HasSubstr("no such file"));
  EXPECT_THAT(complaint({"datasets", folder / "photos", "--image-size", "0x3"}, folder),
              HasSubstr("--image-size = 0x3: must be height x width"));
  EXPECT_THAT(complaint({"datasets", "fashon-mnist"}, folder), HasSubstr("fashion-mnist"));
}

TEST(Datasets, SaysWhereToGetAKnownSetThatIsAbsent) {
  const TemporaryFolder folder;
  const auto none = folder / "none";
  setenv("THIMBLE_DATA", none.c_str(), 1);
  const Finished text = thimble({"datasets", "visual-wake-words"}, folder);
  const Finished json = thimble({"datasets", "visual-wake-words", "--json"}, folder);
  const Finished list = thimble({"datasets"}, folder);
  const std::string refused =
      complaint({"train", "baseline:resnet8", "--data", "visual-wake-words"}, folder);
  unsetenv("THIMBLE_DATA");
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out,
              AllOf(HasSubstr("absent"), HasSubstr("cocodataset.org"), HasSubstr("13 GB"),
                    HasSubstr("unpack them in " + none + "/coco"), HasSubstr("CC BY 4.0")));
  const Json answer = Json::parse(json.out);
  EXPECT_EQ(answer.at("state"), "absent");
  EXPECT_TRUE(answer.at("found").is_null());
  EXPECT_EQ(answer.at("looked_for_in").at(0), none + "/visual-wake-words");
  EXPECT_EQ(list.code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("speech-commands     "));
  EXPECT_THAT(refused, AllOf(HasSubstr("visual-wake-words: not found in"),
                             HasSubstr("thimble datasets visual-wake-words says all")));
}

TEST(Datasets, CutsSeriesAsTold) {
  const TemporaryFolder folder;
  std::string table = "time,x,y1,label\n";
  for (int i = 0; i < 1200; ++i) {
    const int level = i % 8 < 4 ? 1 : -1;
    table += fmt::format("{},{},{},{}\n", i, i < 600 ? level : 0, i % 3, i < 600 ? "on" : "off");
  }
  write_file(folder.path() / "walk.csv", table);
  const Finished run = thimble(
      {"datasets", folder / "walk.csv", "--window-length", "8", "--window-stride", "8", "--json"},
      folder);
  EXPECT_EQ(run.code, 0) << run.err;
  const Json answer = Json::parse(run.out);
  EXPECT_EQ(answer.at("kind"), "series");
  EXPECT_EQ(answer.at("shape"), (Json{1, 8, 2}));
  EXPECT_EQ(answer.at("type"), "float32");
  const Json& splits = answer.at("splits");
  const int samples = splits.at("train").get<int>() + splits.at("validation").get<int>() +
                      splits.at("test").get<int>();
  EXPECT_EQ(samples, 150);  // two runs of 600 rows, windows of 8 side by side
}

}  // namespace
}  // namespace thimble
