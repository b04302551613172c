#include <charconv>

#include "command.hpp"
#include "model_argument.hpp"
#include "profile_report.hpp"
#include "terminal.hpp"
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

}  // namespace

int run_profile(const Settings& settings, const std::string& argument) {
  const ModelArgument model = read_model(argument);
  const Task task = read_task(settings, model);
  std::optional<Device> device;
  if (settings.has("device")) device = find_device(settings.text("device"), builtin_devices());
  const Profile profile = profile_of(model.graph(task), argument);
  print(settings.on("json") ? to_json(profile).dump(2) + "\n" : to_text(profile, device));
  return kDone;
}

}  // namespace thimble::cli
