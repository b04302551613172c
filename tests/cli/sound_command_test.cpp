#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "cli/program.hpp"
#include "support/clips.hpp"
#include "support/media.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/frontend/fixed_frontend.hpp"
#include "thimble/frontend/presets.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/tflite/reader.hpp"

namespace thimble {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int kRate = 8000;
constexpr int kClip = 1200;
/// In the order of their names; the tones of class c of `tones` are of kClasses[c].
constexpr const char* kClasses[] = {"_quiet_", "deep", "high"};

std::string number(int n) { return std::to_string(n); }

/// Clips of class 0 are noise of a few steps, the others tones.
Samples sounds(int count, Rng rng) {
  Samples samples = tones(count, 3, kClip, rng);
  std::vector<std::int16_t> sound(samples.sound.begin(), samples.sound.end());
  for (std::size_t i = 0; i < sound.size(); ++i) {
    if (samples.labels[i / kClip] == 0) sound[i] = static_cast<std::int16_t>(4 * rng.normal());
  }
  samples.sound = sound;
  return samples;
}

class SoundCommand : public ::testing::Test {
 protected:
  SoundCommand() {
    const Samples samples = sounds(90, Rng(8));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto place = folder_.path() / "words" / kClasses[samples.labels[i]];
      std::filesystem::create_directories(place);
      write_wav(place / (std::to_string(i) + ".wav"), samples.clip(i));
    }
  }

  static void write_wav(const std::filesystem::path& path, std::span<const std::int16_t> sound) {
    write_file(path, fixtures::wav({sound.begin(), sound.end()}, kRate));
  }

  std::vector<std::string> with_data(std::vector<std::string> arguments,
                                     const std::vector<std::string>& more = {}) {
    for (const std::string& argument :
         {std::string("--data"), folder_ / "words", std::string("--sample-rate"), number(kRate),
          std::string("--clip"), number(kClip), std::string("--batch"), std::string("16")}) {
      arguments.push_back(argument);
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  /// A network that tells the classes apart.
  std::string trained_model() {
    const std::string model = folder_ / "model.tflite";
    const Finished run =
        thimble(with_data({"train", "baseline:ds-cnn-s"},
                          {"--epochs", "20", "--augment", "none", "--out", model, "--quiet"}),
                folder_);
    EXPECT_EQ(run.code, 0) << run.err;
    return model;
  }

  TemporaryFolder folder_;
};

TEST_F(SoundCommand, FindsNetworksAndShipsThemWithTheirFrontEnd) {
  const Finished run = thimble(
      with_data({"search", "--ram", "16KiB", "--flash", "32KiB", "--macs", "2M", "--trials", "4",
                 "--epochs", "6", "--final-epochs", "6", "--heats", "0", "--finalists", "1"},
                {"--out", folder_ / "run", "--json"}),
      folder_);
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("data: words (audio), 3 classes; split: 68 training"),
                    HasSubstr("features: mfcc 6x10, 40 ms each 20 ms"), HasSubstr("front end: RAM"),
                    HasSubstr("space: munas"), HasSubstr("left for a network: RAM")));
  const Json answer = Json::parse(run.out);
  const Json& front_end = answer.at("front_end");
  EXPECT_GT(front_end.at("ram"), 0);
  EXPECT_GT(front_end.at("macs"), 0);
  EXPECT_EQ(answer.at("budget").at("ram"), 16 * 1024);
  std::filesystem::path finalist;
  for (const Json& entry : answer.at("front")) {
    EXPECT_LE(entry.at("ram").get<int>() + front_end.at("ram").get<int>(), 16 * 1024);
    EXPECT_LE(entry.at("flash").get<int>() + front_end.at("flash").get<int>(), 32 * 1024);
    EXPECT_LE(entry.at("macs").get<int>() + front_end.at("macs").get<int>(), 2'000'000);
    if (entry.at("finalist").get<bool>())
      finalist = std::filesystem::path(entry.at("model").get<std::string>()).parent_path();
  }
  ASSERT_FALSE(finalist.empty());
  EXPECT_EQ(read_text(finalist / "labels.txt"), "_quiet_\ndeep\nhigh\n");
  const auto settings = frontend::parse_settings(read_text(finalist / "features.json"), "features");
  EXPECT_EQ(settings.sample_rate, kRate);
  EXPECT_THAT(read_text(finalist / "model_frontend.h"), HasSubstr("MODEL_FRONTEND_STATE_BYTES"));
  EXPECT_THAT(read_text(finalist / "model_frontend.c"), HasSubstr("thb_frontend_settings"));

  // A run that goes on, and whatever else is made of it, has the front end that it began with.
  const Finished resumed = thimble({"resume", folder_ / "run", "--json", "--quiet"}, folder_);
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(Json::parse(resumed.out).at("front"), answer.at("front"));
  const std::string id = finalist.filename().string();
  EXPECT_EQ(thimble({"export", folder_ / "run", "-o", folder_ / "models"}, folder_).code, 0);
  for (const char* name : {"model.tflite", "labels.txt", "features.json", "model_frontend.c"}) {
    EXPECT_EQ(read_bytes(folder_.path() / "models" / id / name), read_bytes(finalist / name));
  }
  EXPECT_THAT(thimble({"explain", folder_ / "run:" + id}, folder_).out, HasSubstr("front end"));
}

TEST_F(SoundCommand, TrainsOnClipsThatAreVaried) {
  std::string talk;
  const auto model = [&](const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"--epochs", "1", "--out", folder_ / name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished run = thimble(with_data({"train", "baseline:ds-cnn-s"}, arguments), folder_);
    EXPECT_EQ(run.code, 0) << run.err;
    talk = run.err;
    return read_bytes(folder_.path() / name);
  };
  const auto plain = model("plain.tflite", {"--augment", "none"});
  EXPECT_THAT(talk, Not(HasSubstr("variants")));
  const auto noisy = model("noisy.tflite", {"--augment", "noise=5..20,speed"});
  EXPECT_THAT(talk, HasSubstr("variants: 3 of each clip, noise at 5..20 dB that is made, speed "
                              "0.9..1.1\n"));
  EXPECT_NE(noisy, plain);
  EXPECT_EQ(model("again.tflite", {"--augment", "noise=5..20,speed"}), noisy);
  EXPECT_NE(model("many.tflite", {"--augment", "noise=5..20,speed", "--sound-variants", "5"}),
            noisy);
  EXPECT_NE(model("full.tflite", {"--augment", "full,mixup"}), noisy);
  EXPECT_THAT(complaint(with_data({"train", "baseline:ds-cnn-s"},
                                  {"--augment", "noise", "--features", "none"}),
                        folder_),
              StartsWith("--augment = noise: noise: is nothing for sound without a front end"));
}

TEST_F(SoundCommand, ChoosesWhatIsNotGivenByTheData) {
  const auto arguments = [&](const std::string& run) {
    return std::vector<std::string>{
        "search",   "--ram",         "16KiB",    "--data", folder_ / "words",
        "--device", "nucleo-l4r5zi", "--trials", "1",      "--heats",
        "0",        "--finalists",   "0",        "--out",  folder_ / run};
  };
  const Finished chosen = thimble(arguments("chosen"), folder_);
  ASSERT_EQ(chosen.code, 0) << chosen.err;
  // 68 samples: batches of 16 at least, 50 and 200 epochs at most. A second of 120 MHz, 5 cycles a
  // multiplication.
  EXPECT_THAT(
      chosen.err,
      AllOf(HasSubstr("recipe: batches of 16, learning rate 0.0125; epochs: candidates 50, heats "
                      "100, finalists 200"),
            HasSubstr("space: munas"), HasSubstr("budget: MACs at most 24.00 M (--macs)")));
  const std::string config = read_text(folder_ / "chosen/config.toml");
  EXPECT_THAT(config, AllOf(HasSubstr("epochs = '50'  # chosen for 68 training samples"),
                            HasSubstr("macs = '24000000'  # what nucleo-l4r5zi computes in 1 s"),
                            HasSubstr("\naugment = 'none'  # chosen for sound"),
                            HasSubstr("final-augment = 'full'  # chosen for sound")));

  std::vector<std::string> given = arguments("given");
  given.insert(given.end(), {"--macs", "none", "--epochs", "1", "--space", "mlp", "--batch", "64"});
  const Finished told = thimble(given, folder_);
  ASSERT_EQ(told.code, 0) << told.err;
  EXPECT_THAT(told.err,
              AllOf(HasSubstr("recipe: batches of 64, learning rate 0.05; epochs: candidates 1,"),
                    HasSubstr("space: mlp"), Not(HasSubstr("budget: MACs"))));
}

TEST_F(SoundCommand, CountsTheFrontEndWhereNothingFits) {
  const auto search = [&](const std::string& ram) {
    return thimble(with_data({"search", "--ram", ram, "--trials", "1", "--epochs", "1",
                              "--finalists", "0", "--out", folder_ / ram, "--json"}),
                   folder_);
  };
  const Finished none = search("1KiB");
  EXPECT_EQ(none.code, 1);
  EXPECT_EQ(std::ranges::count(none.err, '\n'), 1) << none.err;
  EXPECT_THAT(none.err, AllOf(StartsWith("budget: ram = 1.0 KiB"), HasSubstr("front end")));
  const Json answer = Json::parse(none.out);
  const Json& bound = answer.at("binding").at(0);
  EXPECT_EQ(bound.at("allowed"), 1024);
  EXPECT_EQ(search(bound.at("needed").dump()).code, 0) << "what is said would do, does";
}

// What `infer` answers is what the device's bytes give.
TEST_F(SoundCommand, NamesTheClassOfARecording) {
  const std::string model = trained_model();
  const auto settings = frontend::parse_settings(read_text(folder_ / "features.json"), "features");
  const QuantizedModel network = read_tflite(read_bytes(model), model);
  const Samples words = sounds(12, Rng(9));
  int right = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    write_wav(folder_.path() / "word.wav", words.clip(i));
    const Finished run = thimble({"infer", model, "--input", folder_ / "word.wav", "--out",
                                  folder_ / "answer.bin", "--json"},
                                 folder_);
    ASSERT_EQ(run.code, 0) << run.err;
    const Json answer = Json::parse(run.out);
    right += answer.at("class") == kClasses[words.labels[i]] ? 1 : 0;
    const auto bytes =
        Int8Interpreter(network).run(frontend::FixedFrontend(settings).features(words.clip(i)));
    EXPECT_EQ(read_text(folder_ / "answer.bin"), std::string(bytes.begin(), bytes.end()));
    double sum = 0;
    for (const Json& each : answer.at("probabilities")) sum += each.at("probability").get<double>();
    EXPECT_NEAR(sum, 1, 1e-5);
  }
  EXPECT_GE(right, 11);

  // Another rate and two channels; a front end that is given; another network's.
  std::vector<std::int16_t> stereo;
  for (int i = 0; i < 2 * kClip; ++i) {
    const auto at = words.clip(1)[static_cast<std::size_t>(i / 2)];
    stereo.insert(stereo.end(), 2, at);
  }
  write_file(folder_ / "stereo.wav", fixtures::wav(stereo, 2 * kRate, 2));
  const Finished run = thimble({"infer", model, "--input", folder_ / "stereo.wav"}, folder_);
  EXPECT_THAT(run.out, StartsWith("deep  ")) << run.err;
  EXPECT_THAT(
      complaint({"infer", model, "--input", folder_ / "stereo.wav", "--features", "micronets-kws"},
                folder_),
      HasSubstr("input = 60 values: its front end gives 49x10 = 490"));
  std::filesystem::remove(folder_ / "features.json");
  EXPECT_THAT(complaint({"infer", model, "--input", folder_ / "stereo.wav"}, folder_),
              HasSubstr("features.json is not there: give its front end by --features"));
}

TEST_F(SoundCommand, HearsWordsInALongRecording) {
  const std::string model = trained_model();
  const Samples words = sounds(12, Rng(10));
  Rng rng(11);
  std::vector<std::int16_t> recording;
  std::ostringstream labels("start_s,end_s,label\n", std::ios::ate);
  int events = 0;
  const auto pause = [&] {
    for (int i = 0; i < 2 * kClip; ++i)
      recording.push_back(static_cast<std::int16_t>(4 * rng.normal()));
  };
  pause();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const double start = static_cast<double>(recording.size()) / kRate;
    recording.insert(recording.end(), words.clip(i).begin(), words.clip(i).end());
    labels << start << "," << start + 0.15 << "," << kClasses[words.labels[i]] << "\n";
    events += words.labels[i] > 0 ? 1 : 0;
    pause();
  }
  write_wav(folder_.path() / "room.wav", recording);
  write_file(folder_ / "room.csv", labels.str());
  const Finished run = thimble(
      {"listen", model, folder_ / "room.wav", "--every", "1", "--smooth", "60", "--suppress", "300",
       "--threshold", "0.6", "--labels", folder_ / "room.csv", "--json"},
      folder_);
  ASSERT_EQ(run.code, 0) << run.err;
  const Json answer = Json::parse(run.out);
  const Json& score = answer.at("score");
  // A clip of 1200 samples, then one each 160.
  EXPECT_EQ(answer.at("answers"), 1 + (recording.size() - kClip) / 160);
  EXPECT_EQ(score.at("events"), events);
  const std::size_t found =
      score.at("events").get<std::size_t>() - score.at("false_rejects").get<std::size_t>();
  EXPECT_EQ(answer.at("detections").size(), found + score.at("false_accepts").get<std::size_t>());
  EXPECT_EQ(score.at("false_rejects"), 0) << run.out;
  EXPECT_LE(score.at("false_accepts"), 1) << run.out;
  for (const Json& heard : answer.at("detections")) EXPECT_NE(heard.at("class"), "_quiet_");

  const Finished deaf = thimble(
      {"listen", model, folder_ / "room.wav", "--threshold", "1", "--labels", folder_ / "room.csv"},
      folder_);
  EXPECT_EQ(deaf.code, 0) << deaf.err;
  EXPECT_THAT(deaf.out, HasSubstr("false rejects: 8 of 8; false accepts: 0, 0.0 an hour"));
  write_file(folder_ / "bad.csv", std::string_view("start_s,end_s,label\n0,1,hgh\n"));
  EXPECT_THAT(
      complaint({"listen", model, folder_ / "room.wav", "--labels", folder_ / "bad.csv"}, folder_),
      AllOf(HasSubstr("bad.csv:2: label = hgh"), HasSubstr("did you mean \"high\"?")));
  write_file(folder_ / "bad.csv", std::string_view("1,0.5,high\n"));
  EXPECT_THAT(
      complaint({"listen", model, folder_ / "room.wav", "--labels", folder_ / "bad.csv"}, folder_),
      HasSubstr("bad.csv:1: time = 1 … 0.5"));
}

TEST_F(SoundCommand, TakesTheFrontEndThatItIsTold) {
  const auto shape = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"profile", "baseline:ds-cnn-s", "--data", folder_ / "words",
                                       "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished run = thimble(arguments, folder_);
    EXPECT_EQ(run.code, 0) << run.err;
    return Json::parse(run.out).at("ops").at(0).at("output").dump();
  };
  // The first layer has strides of 2: ⌈49 / 2⌉ × ⌈10 / 2⌉, ⌈98 / 2⌉ × ⌈40 / 2⌉.
  EXPECT_EQ(shape({"--features", "micronets-kws"}), "[1,25,5,64]");
  EXPECT_EQ(shape({"--features", "munas-speech-commands"}), "[1,49,20,64]");
  EXPECT_EQ(shape({"--features", "log_mel", "--sample-rate", "8000", "--clip", "1200"}),
            "[1,3,20,64]");
  EXPECT_EQ(shape({"--features", "raw", "--sample-rate", "8000", "--clip", "1200"}), "[1,4,80,64]");
  EXPECT_EQ(shape({"--features", "none", "--clip", "800"}), "[1,1,400,64]");
  EXPECT_EQ(shape({"--sound", "float", "--clip", "800"}), "[1,1,400,64]");
  const auto own = frontend::find_preset("mlperf-tiny-ad").settings;
  write_file(folder_ / "own.json", to_json(own).dump());
  EXPECT_EQ(shape({"--features", folder_ / "own.json"}), "[1,3,64,64]");
}

TEST_F(SoundCommand, RefusesAFrontEndWithOneLine) {
  const auto refused = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"train", "baseline:ds-cnn-s", "--data", folder_ / "words"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return complaint(arguments, folder_);
  };
  EXPECT_THAT(refused({"--features", "micronet-kws"}),
              AllOf(StartsWith("--features = micronet-kws: must be none, auto, mfcc"),
                    HasSubstr("did you mean \"micronets-kws\"?")));
  EXPECT_THAT(refused({"--features", "micronets-kws", "--sample-rate", "8000"}),
              StartsWith("--sample-rate = 8000: the front end micronets-kws takes 16000"));
  EXPECT_THAT(refused({"--features", "micronets-kws", "--clip", "8000"}),
              StartsWith("--clip = 8000: the front end micronets-kws takes 16000"));
  EXPECT_THAT(refused({"--features", "mfcc", "--sound", "float"}),
              AllOf(StartsWith("--features = mfcc: "), HasSubstr("no sound in 16 bits")));
  EXPECT_THAT(refused({"--features", folder_ / "none.json"}), HasSubstr("none.json"));
  EXPECT_THAT(
      complaint({"train", "baseline:ds-cnn-s", "--data", write_bars(folder_), "--features", "mfcc"},
                folder_),
      HasSubstr("no sound in 16 bits"));
}

}  // namespace
}  // namespace thimble
