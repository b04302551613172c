#include "thimble/readers/audio_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "speech_commands.hpp"
#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble {
namespace {

using fixtures::bytes;
using fixtures::error_of;
using fixtures::TemporaryFolder;
using fixtures::wav;
using testing::ElementsAre;
using testing::HasSubstr;

/// Writes a clip of a few samples that all are `value`.
void clip(const TemporaryFolder& folder, const std::string& name, int value, int count = 4) {
  std::filesystem::create_directories((folder.path() / name).parent_path());
  folder.write(name, wav(std::vector<std::int16_t>(static_cast<std::size_t>(count),
                                                   static_cast<std::int16_t>(value))));
}

TEST(SpeechSplit, AgreesWithTheOfficialScript) {
  // Answers of `which_set` in Python.
  EXPECT_EQ(speech_split("aa80f517_nohash_0.wav"), Split::kTest);
  EXPECT_EQ(speech_split("0a7c2a8d_nohash_0.wav"), Split::kTraining);
  EXPECT_EQ(speech_split("bob_no_hash.wav"), Split::kValidation);
  EXPECT_EQ(speech_split("b_nohash_1.wav"), Split::kTest);
  EXPECT_EQ(speech_split("b_nohash_7.wav"), Split::kTest) << "one speaker, one split";
  EXPECT_EQ(speech_split("1050.wav"), Split::kTraining);
}

TEST(AudioFolder, PadsShortClipsAndCutsLongOnes) {
  const TemporaryFolder folder;
  clip(folder, "a/short.wav", 7, 2);
  clip(folder, "b/long.wav", 9, 8);
  const RawDataset set = read_audio_folder(folder.path(), {.clip = 5});
  EXPECT_EQ(set.train.shape, (Shape{.height = 1, .width = 5, .channels = 1}));
  EXPECT_THAT(set.train.sound, ElementsAre(7, 7, 0, 0, 0, 9, 9, 9, 9, 9));
  EXPECT_THAT(set.train.names, ElementsAre("a/short.wav", "b/long.wav"));
  EXPECT_THAT(set.class_names, ElementsAre("a", "b"));
  const RawDataset floats =
      read_audio_folder(folder.path(), {.clip = 2, .sound = SoundFormat::kFloat});
  EXPECT_THAT(floats.train.values,
              ElementsAre(7 / 32768.0F, 7 / 32768.0F, 9 / 32768.0F, 9 / 32768.0F));
}

TEST(AudioFolder, HonoursTheListsOfSplits) {
  const TemporaryFolder folder;
  for (const char* name : {"a/1.wav", "a/2.wav", "b/3.wav", "b/4.wav", "b/5.wav"}) {
    clip(folder, name, name[2] - '0');
  }
  folder.write("testing_list.txt", bytes("a/1.wav\r\n./b/3.wav\n"));
  folder.write("validation_list.txt", bytes("b/4.wav\nb/nobody.wav\n"));
  RawDataset set = read_audio_folder(folder.path(), {.clip = 1});
  EXPECT_THAT(set.test.names, ElementsAre("a/1.wav", "b/3.wav"));
  EXPECT_THAT(set.validation.names, ElementsAre("b/4.wav"));
  EXPECT_THAT(set.train.names, ElementsAre("a/2.wav", "b/5.wav"));
  EXPECT_EQ(set.findings.broken, 1);
  EXPECT_THAT(set.findings.broken_files[0], HasSubstr("validation_list.txt:2: b/nobody.wav: not"));
  EXPECT_THAT(
      error_of<DataError>([&] { read_audio_folder(folder.path(), {.strict = true, .clip = 1}); }),
      HasSubstr("b/nobody.wav"));
  // With a list of training files too, what none of them names is left out.
  folder.write("training_list.txt", bytes("b/5.wav\nb/4.wav\n"));
  set = read_audio_folder(folder.path(), {.clip = 1});
  EXPECT_THAT(set.train.names, ElementsAre("b/4.wav", "b/5.wav"));
  EXPECT_TRUE(set.validation.empty());
  EXPECT_THAT(set.findings.notes, testing::Contains(HasSubstr("1 files are in none of the lists")));
  EXPECT_THAT(set.findings.broken_files, testing::Contains(HasSubstr("is named twice")));
}

TEST(AudioFolder, KeepsTheSplitsOfSpeechCommandsNames) {
  const TemporaryFolder folder;
  clip(folder, "yes/b_nohash_1.wav", 1);
  clip(folder, "yes/a_nohash_1.wav", 2);
  clip(folder, "no/b_nohash_0.wav", 3);
  clip(folder, "no/c_nohash_0.wav", 4);
  clip(folder, "no/a_nohash_2.wav", 6);
  clip(folder, "_background_noise_/tap.wav", 5);
  const RawDataset set = read_audio_folder(folder.path(), {.clip = 1});
  EXPECT_THAT(set.class_names, ElementsAre("no", "yes"));
  EXPECT_THAT(set.test.sound, ElementsAre(3, 1));
  EXPECT_THAT(set.train.sound, ElementsAre(6, 4, 2));
  EXPECT_EQ(set.groups[0], set.groups[2]);
  EXPECT_NE(set.groups[0], set.groups[1]);
  EXPECT_EQ(set.findings, Findings{});
}

TEST(AudioFolder, DrawsSplitsOfSpeakersWhereTheNamesLeaveTooLittleForTraining) {
  const TemporaryFolder folder;
  // Speaker b is of the test split, the others are of training.
  for (int i = 0; i < 24; ++i) {
    clip(folder, fmt::format("{}/b_nohash_{}.wav", i % 2 ? "yes" : "no", i), i + 1);
  }
  EXPECT_TRUE(read_audio_folder(folder.path(), {.clip = 1}).test.empty());
  for (const char* speaker : {"a", "c", "d", "e"}) {
    for (const char* word : {"yes", "no"}) {
      clip(folder, fmt::format("{}/{}_nohash_0.wav", word, speaker), 99);
    }
  }
  const Dataset set = load_dataset(folder.path().string(), {.read = {.clip = 1}});
  EXPECT_THAT(set.findings.notes, testing::Contains(HasSubstr("the splits are drawn by speaker")));
  EXPECT_FALSE(set.train.empty() || set.validation.empty() || set.test.empty());
  const auto speakers = [](const Samples& part) {
    std::set<std::string> names;
    for (const std::string& name : part.names) {
      const std::size_t begin = name.find('/') + 1;
      names.insert(name.substr(begin, name.find("_nohash_") - begin));
    }
    return names;
  };
  std::size_t in_splits = 0;
  for (const Samples* part : {&set.train, &set.validation, &set.test}) {
    in_splits += speakers(*part).size();
  }
  EXPECT_EQ(in_splits, 5) << "nobody is in two splits";
}

/// Ten words of 20 clips each for training and 10 for testing, a word besides, and noise.
void write_words(const TemporaryFolder& folder) {
  int value = 0;
  for (const char* word :
       {"yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go", "tree"}) {
    for (int i = 0; i < 30; ++i) {
      const std::string split = i < 20 ? "train/" : "test/";
      clip(folder, split + word + "/" + std::to_string(i) + ".wav", ++value, 2);
    }
  }
}

TEST(TwelveWords, HaveATenthOfSilenceAndUnknownInEachSplit) {
  const TemporaryFolder folder;
  write_words(folder);
  std::filesystem::create_directory(folder.path() / "_background_noise_");
  const auto read = [&](std::uint64_t seed) {
    return read_audio_folder(folder.path(), {.clip = 2, .twelve_words = true, .seed = seed});
  };
  EXPECT_THAT(error_of<DataError>([&] { read(0); }), HasSubstr("_background_noise_"));
  clip(folder, "_background_noise_/tap.wav", 30'000, 100);
  const RawDataset set = read(0);
  EXPECT_EQ(set.class_names.at(0), "_silence_");
  EXPECT_EQ(set.class_names.at(11), "go");
  std::map<std::int32_t, int> train;
  for (const std::int32_t label : set.train.labels) ++train[label];
  EXPECT_EQ(train[0], 20);  // of 200 clips of the ten words
  EXPECT_EQ(train[1], 20);
  EXPECT_EQ(train[2], 20);
  EXPECT_EQ(std::ranges::count(set.test.labels, 0), 10);
  EXPECT_EQ(std::ranges::count(set.test.labels, 1), 10);
  EXPECT_EQ(set.train, read(0).train);
  EXPECT_NE(set.train.sound, read(1).train.sound);
  std::filesystem::remove_all(folder.path() / "train" / "stop");
  std::filesystem::remove_all(folder.path() / "test" / "stop");
  EXPECT_THAT(error_of<DataError>([&] { read(0); }), HasSubstr("stop: no such folder"));
}

TEST(SpeechCommandsMini, HasTheClipsOfTheOfficialTestSplit) {
  const auto folder = data_folder() / "speech-commands-mini";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not on this machine";
  const RawDataset set = read_audio_folder(folder, {});
  EXPECT_EQ(set.train.size(), 1080);
  EXPECT_EQ(set.validation.size(), 144);
  EXPECT_EQ(set.test.size(), 312);
  EXPECT_EQ(set.class_names.size(), 12);
  EXPECT_EQ(set.findings, Findings{});
  // All are from the official test split, so its rule must know each of them, whatever this set's
  // own lists say.
  int words = 0;
  for (const Samples* part : {&set.train, &set.validation, &set.test}) {
    for (const std::string& name : part->names) {
      if (name.starts_with('_')) continue;
      EXPECT_EQ(speech_split(name.substr(name.find('/') + 1)), Split::kTest) << name;
      ++words;
    }
  }
  EXPECT_EQ(words, 1280);
}

}  // namespace
}  // namespace thimble
