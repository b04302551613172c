#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "command.hpp"
#include "model_files.hpp"
#include "sound_model.hpp"
#include "terminal.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/core/printable.hpp"
#include "thimble/files/npy.hpp"
#include "thimble/frontend/fixed_frontend.hpp"
#include "thimble/frontend/float_frontend.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/quant/probabilities.hpp"
#include "thimble/tflite/reader.hpp"

namespace thimble::cli {
namespace {

bool is_npy(const std::string& path) { return std::filesystem::path(path).extension() == ".npy"; }

std::vector<std::uint8_t> read_samples(const std::string& path, std::size_t sample_size) {
  std::vector<std::uint8_t> bytes = read_bytes(path);
  if (is_npy(path)) {
    NpyArray array = parse_npy(bytes, path);
    if (array.type != "i1") {
      raise<DataError>("{}: type = {}: must be int8 (i1), at the scale of the network's input",
                       path, array.type);
    }
    bytes = std::move(array.bytes);
  }
  if (bytes.empty() || bytes.size() % sample_size != 0) {
    raise<DataError>("{}: {} bytes: must be whole samples of {} bytes", path, bytes.size(),
                     sample_size);
  }
  return bytes;
}

void write_answers(const std::string& path, std::vector<std::uint8_t> answers, std::size_t count) {
  if (is_npy(path)) {
    const auto outputs = answers.size() / count;
    answers =
        write_npy({.type = "i1",
                   .shape = {static_cast<std::int64_t>(count), static_cast<std::int64_t>(outputs)},
                   .bytes = std::move(answers)});
  }
  write_file(path, answers);
}

/// The class of one clip: the beginning of a recording, as the device hears it.
int infer_sound(const Settings& settings, const std::string& path, const std::string& input) {
  const SoundModel model = read_sound_model(settings, path);
  const frontend::Settings& front_end = model.features;
  const auto sound =
      read_recording(input, front_end.sample_rate, static_cast<std::size_t>(front_end.clip_length));
  const auto clip = frontend::fit_clip(sound, front_end);
  Int8Interpreter interpreter(model.network);
  const auto answer = interpreter.run(frontend::FixedFrontend(front_end).features(clip));
  if (settings.has("out")) write_answers(settings.text("out"), {answer.begin(), answer.end()}, 1);

  const std::vector<float> probabilities = class_probabilities(model.network, answer);
  // As a score counts it.
  const int best =
      predicted_classes(answer, static_cast<int>(answer.size()), interpreter.output_params()).at(0);
  const std::string& name = model.names[static_cast<std::size_t>(best)];
  if (settings.on("json")) {
    OrderedJson all = OrderedJson::array();
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
      all.push_back({{"class", model.names[i]}, {"probability", probabilities[i]}});
    }
    print(OrderedJson{{"schema", 1},
                      {"model", path},
                      {"input", input},
                      {"class", name},
                      {"probabilities", std::move(all)}}
              .dump(2) +
          "\n");
  } else {
    print(fmt::format("{}  {:.2f} %\n", printable(name),
                      100 * probabilities[static_cast<std::size_t>(best)]));
  }
  return kDone;
}

}  // namespace

int run_infer(const Settings& settings, const std::string& path) {
  const std::string& input = settings.text("input");
  if (settings.has("out")) read_out_file(settings);  // complains before anything is computed
  if (is_recording(input)) return infer_sound(settings, path, input);
  const std::string& output = settings.text("out");
  const QuantizedModel model = read_tflite(read_bytes(path), path);
  Int8Interpreter interpreter(model);
  const auto in = static_cast<std::size_t>(interpreter.input_elements());
  const auto out = static_cast<std::size_t>(interpreter.output_elements());
  const auto samples = read_samples(input, in);
  const std::size_t count = samples.size() / in;

  std::vector<std::uint8_t> answers(count * out);
  interpreter.run({reinterpret_cast<const std::int8_t*>(samples.data()), samples.size()},
                  {reinterpret_cast<std::int8_t*>(answers.data()), answers.size()});
  write_answers(output, std::move(answers), count);
  if (settings.on("json")) {
    const QuantParams from = interpreter.input_params();
    const QuantParams to = interpreter.output_params();
    print(OrderedJson{
              {"schema", 1},
              {"model", path},
              {"samples", count},
              {"input", {{"bytes", in}, {"scale", from.scale}, {"zero_point", from.zero_point}}},
              {"output", {{"bytes", out}, {"scale", to.scale}, {"zero_point", to.zero_point}}},
              {"file", output}}
              .dump(2) +
          "\n");
  } else if (!settings.on("quiet")) {
    say(fmt::format("{}: {} samples, {} bytes each", output, count, out));
  }
  return kDone;
}

}  // namespace thimble::cli
