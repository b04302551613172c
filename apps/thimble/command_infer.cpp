#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "command.hpp"
#include "terminal.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/data/npy.hpp"
#include "thimble/quant/int8_interpreter.hpp"
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

}  // namespace

int run_infer(const Settings& settings, const std::string& path) {
  const std::string& input = settings.text("input");
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
  if (is_npy(output)) {
    answers =
        write_npy({.type = "i1",
                   .shape = {static_cast<std::int64_t>(count), static_cast<std::int64_t>(out)},
                   .bytes = std::move(answers)});
  }
  write_file(output, answers);
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
