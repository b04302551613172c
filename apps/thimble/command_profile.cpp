#include <charconv>
#include <filesystem>

#include "command.hpp"
#include "model_argument.hpp"
#include "profile_report.hpp"
#include "runtime_setting.hpp"
#include "terminal.hpp"
#include "thimble/core/file.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble::cli {
namespace {

constexpr std::string_view kHostTarget = "x86-64";

/// `28x28x1`.
std::optional<Shape> parse_shape(std::string_view text) {
  int sides[3];
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (int i = 0; i < 3; ++i) {
    const auto [stop, status] = std::from_chars(at, end, sides[i]);
    const bool separated = i == 2 ? stop == end : stop != end && *stop == 'x';
    if (status != std::errc{} || sides[i] < 1 || !separated) return std::nullopt;
    at = stop + 1;
  }
  return Shape{sides[0], sides[1], sides[2]};
}

/// From --data, or --input and --classes, or the trial's run, in this order.
Task read_task(const Settings& settings, const ModelArgument& model) {
  if (settings.has("data")) {
    const std::string& name = settings.text("data");
    for (const DatasetInfo& set : known_datasets()) {
      if (set.name == name) return {.input = set.shape, .classes = set.classes};
    }
    const Dataset dataset = load_dataset(name);
    return {.input = dataset.shape(), .classes = dataset.classes};
  }
  const auto input =
      settings.parsed("input", parse_shape, "must be height x width x channels, as in 28x28x1");
  if (!input && model.task) return *model.task;
  if (!input)
    raise<ConfigError>("--input: is missing: give --data NAME, or --input HxWxC and --classes N");
  return {.input = *input, .classes = static_cast<int>(settings.integer("classes", 2, 1 << 20))};
}

bool is_tflite(const std::string& path) {
  return std::filesystem::path(path).extension() == ".tflite";
}

/// The arena of --target or of the device; of a file, on this machine when neither is given.
std::optional<ArenaForecast> forecast(const Settings& settings, const std::optional<Device>& device,
                                      bool is_file, const auto& network) {
  if (settings.has("target")) {
    if (device) settings.reject("target", "the --device says it: give one of the two");
    return forecast_arena(network(), find_arena_target(settings.text("target")));
  }
  if (device) {
    const ArenaTarget* target = arena_target(*device);
    if (target == nullptr) return ArenaForecast{.unknown = no_arena_target(*device)};
    return forecast_arena(network(), *target);
  }
  if (!is_file) return std::nullopt;
  return forecast_arena(network(), find_arena_target(kHostTarget));
}

}  // namespace

int run_profile(const Settings& settings, const std::string& argument) {
  std::optional<Device> device;
  if (settings.has("device")) device = find_device(settings.text("device"), builtin_devices());
  Profile profile;
  if (is_tflite(argument)) {
    const std::vector<std::uint8_t> file = read_bytes(argument);
    profile = profile_of_file(file, argument);
    profile.arena = forecast(settings, device, true, [&] { return arena_network(file, argument); });
  } else {
    const ModelArgument model = read_model(argument);
    profile = profile_of(model.graph(read_task(settings, model)), argument);
    profile.arena = forecast(settings, device, false, [&] { return arena_network(profile.graph); });
  }
  print(settings.on("json") ? to_json(profile).dump(2) + "\n" : to_text(profile, device));
  return kDone;
}

}  // namespace thimble::cli
