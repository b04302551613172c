#include <charconv>
#include <filesystem>

#include "command.hpp"
#include "feature_settings.hpp"
#include "model_argument.hpp"
#include "profile_report.hpp"
#include "runtime_setting.hpp"
#include "terminal.hpp"
#include "thimble/core/file.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble::cli {
namespace {

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
      // Sound is no network's input before a front end has made one of it.
      if (set.name == name && set.features.empty()) {
        return {.input = set.shape, .classes = set.classes};
      }
    }
    const Dataset dataset = load_network_data(name, settings).dataset;
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

/// The target of --target or of the device; of a file, this machine's when neither is given.
const ArenaTarget* read_target(const Settings& settings, const std::optional<Device>& device,
                               bool is_file) {
  if (settings.has("target")) {
    if (device) settings.reject("target", "the --device says it: give one of the two");
    return &find_arena_target(settings.text("target"));
  }
  if (device) return arena_target(*device);
  return is_file ? &find_arena_target(kHostTarget) : nullptr;
}

/// What a file needs, or what would be exported of the profile's graph.
std::optional<ArenaForecast> forecast(const Settings& settings, const Profile& profile,
                                      const std::optional<Device>& device,
                                      const std::vector<std::uint8_t>* file) {
  const ArenaTarget* target = read_target(settings, device, file != nullptr);
  if (target == nullptr) {
    if (device) return ArenaForecast{.unknown = no_arena_target(*device)};
    return std::nullopt;
  }
  if (file == nullptr) return forecast_of_export(profile.graph, *target);
  return forecast_of_file(arena_network(*file, profile.model), profile.graph, *target);
}

}  // namespace

int run_profile(const Settings& settings, const std::string& argument) {
  std::optional<Device> device;
  if (settings.has("device")) device = find_device(settings.text("device"), builtin_devices());
  Profile profile;
  if (is_tflite(argument)) {
    const std::vector<std::uint8_t> file = read_bytes(argument);
    profile = profile_of_file(file, argument);
    profile.arena = forecast(settings, profile, device, &file);
  } else {
    const ModelArgument model = read_model(argument);
    profile = profile_of(model.graph(read_task(settings, model)), argument);
    profile.arena = forecast(settings, profile, device, nullptr);
  }
  print(settings.on("json") ? to_json(profile).dump(2) + "\n" : to_text(profile, device));
  return kDone;
}

}  // namespace thimble::cli
