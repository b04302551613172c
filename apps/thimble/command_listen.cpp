#include <fmt/format.h>

#include "command.hpp"
#include "event_list.hpp"
#include "sound_model.hpp"
#include "terminal.hpp"
#include "thimble/core/json.hpp"
#include "thimble/core/printable.hpp"
#include "thimble/features/detection_score.hpp"
#include "thimble/features/feature_stream.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/quant/probabilities.hpp"

namespace thimble::cli {
namespace {

/// Answers that are computed at once: the interpreter works on many samples side by side.
constexpr std::size_t kAtOnce = 256;
/// Samples of a recording at most: 74 hours at 16 kHz.
constexpr std::size_t kMostSamples = std::size_t{1} << 32;

/// The network on the stream of features: its answers, in order, to a detector.
class Listener {
 public:
  Listener(const SoundModel& model, const features::DetectorOptions& options)
      : model_(model), interpreter_(model.network), detector_(options, background(model.names)) {}

  void take(double at, std::span<const std::int8_t> features) {
    times_.push_back(at);
    waiting_.insert(waiting_.end(), features.begin(), features.end());
    if (times_.size() == kAtOnce) answer();
  }

  /// Answers what is waiting.
  void answer() {
    const std::vector<std::int8_t> answers = interpreter_.run(waiting_);
    const std::vector<float> probabilities = class_probabilities(model_.network, answers);
    const std::size_t classes = model_.names.size();
    for (std::size_t i = 0; i < times_.size(); ++i) {
      const auto event =
          detector_.push(times_[i], std::span(probabilities).subspan(i * classes, classes));
      if (event) detections_.push_back(*event);
    }
    answers_ += times_.size();
    times_.clear();
    waiting_.clear();
  }

  std::size_t answers() const { return answers_; }
  const std::vector<features::Detection>& detections() const { return detections_; }

 private:
  static std::vector<bool> background(const std::vector<std::string>& names) {
    std::vector<bool> is;
    for (const std::string& name : names) is.push_back(is_background(name));
    return is;
  }

  const SoundModel& model_;
  Int8Interpreter interpreter_;
  features::Detector detector_;
  std::vector<double> times_;         // of the answers that are waiting
  std::vector<std::int8_t> waiting_;  // their features
  std::vector<features::Detection> detections_;
  std::size_t answers_ = 0;
};

OrderedJson to_json(const features::DetectionScore& score) {
  return {{"events", score.events},
          {"false_rejects", score.false_rejects},
          {"false_accepts", score.false_accepts},
          {"false_accepts_per_hour", score.false_accepts_per_hour}};
}

std::string to_text(const features::DetectionScore& score) {
  return fmt::format("false rejects: {} of {}; false accepts: {}, {:.1f} an hour\n",
                     score.false_rejects, score.events, score.false_accepts,
                     score.false_accepts_per_hour);
}

}  // namespace

int run_listen(const Settings& settings, const std::string& path) {
  const std::string& input = settings.text("input");
  const auto every = static_cast<int>(settings.integer("every", 1, 100'000));
  const features::DetectorOptions options{.smooth_s = settings.number("smooth", 0, 1e6) / 1000,
                                          .threshold = settings.number("threshold", 0, 1),
                                          .suppress_s = settings.number("suppress", 0, 1e9) / 1000};
  const SoundModel model = read_sound_model(settings, path);
  std::optional<std::vector<features::Event>> events;
  if (settings.has("labels")) events = read_events(settings.text("labels"), model.names);
  const int rate = model.features.sample_rate;
  const std::vector<std::int16_t> sound = read_recording(input, rate, kMostSamples);
  const double seconds = static_cast<double>(sound.size()) / rate;

  Listener listener(model, options);
  features::FeatureStream stream(model.features, every);
  stream.push(sound, [&](std::int64_t end, std::span<const std::int8_t> features) {
    listener.take(static_cast<double>(end) / rate, features);
  });
  listener.answer();

  std::optional<features::DetectionScore> score;
  if (events) {
    // An average of answers tells of all their clips.
    const double hears = static_cast<double>(model.features.clip_length) / rate + options.smooth_s;
    score = features::score(listener.detections(), *events, hears, seconds);
  }
  OrderedJson heard = OrderedJson::array();
  std::string text;
  for (const features::Detection& event : listener.detections()) {
    const std::string& name = model.names[static_cast<std::size_t>(event.label)];
    heard.push_back({{"at", event.at}, {"class", name}, {"score", event.score}});
    text += fmt::format("{:9.2f} s  {}  {:.1f} %\n", event.at, printable(name), 100 * event.score);
  }
  if (settings.on("json")) {
    print(OrderedJson{{"schema", 1},
                      {"model", path},
                      {"file", input},
                      {"seconds", seconds},
                      {"answers", listener.answers()},
                      {"detections", std::move(heard)},
                      {"score", score ? to_json(*score) : OrderedJson()}}
              .dump(2) +
          "\n");
    return kDone;
  }
  print(text + (score ? to_text(*score) : ""));
  if (!settings.on("quiet")) {
    say(fmt::format("{}: {:.1f} s, {} answers, {} events", printable(input), seconds,
                    listener.answers(), listener.detections().size()));
  }
  return kDone;
}

}  // namespace thimble::cli
