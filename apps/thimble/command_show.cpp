#include <algorithm>

#include "catalogue.hpp"
#include "command.hpp"
#include "data_settings.hpp"
#include "dataset_report.hpp"
#include "terminal.hpp"
#include "thimble/core/file.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/footprint/device.hpp"
#include "thimble/search/strategy.hpp"
#include "thimble/space/search_space.hpp"

namespace thimble::cli {
namespace {

/// What a path holds.
int show_dataset(const Settings& settings, const std::string& path) {
  const Dataset dataset = read_dataset(path, read_dataset_options(settings), settings);
  const Duplicates duplicates = find_duplicates(dataset);
  if (settings.on("json")) {
    print_json(dataset_to_json(dataset, duplicates));
  } else {
    print(dataset_to_text(dataset, duplicates));
  }
  return kDone;
}

CatalogueEntry known_set(const DatasetInfo& set) {
  const bool counted = set.train_size + set.test_size > 0;
  const auto count = [&](std::size_t samples) {
    return counted ? OrderedJson(samples) : OrderedJson();
  };
  const auto text = [](const std::string& value) {
    return value.empty() ? OrderedJson() : OrderedJson(value);
  };
  std::vector<std::string> folders;
  for (const auto& folder : set.folders) folders.push_back(folder.string());
  return {
      set.name,
      fmt::format("{}, {} classes{}: {}", to_string(set.shape), set.classes,
                  counted ? fmt::format(", {} + {} samples", set.train_size, set.test_size) : "",
                  set.found ? set.found->string() : "absent"),
      {{"name", set.name},
       {"state", set.found ? "present" : "absent"},
       {"summary", set.summary},
       {"shape", {set.shape.height, set.shape.width, set.shape.channels}},
       {"classes", set.classes},
       {"train", count(set.train_size)},
       {"test", count(set.test_size)},
       {"features", text(set.features)},
       {"found", set.found ? OrderedJson(set.found->string()) : OrderedJson()},
       {"looked_for_in", folders},
       {"from", set.home},
       {"download", text(set.download)},
       {"how_to_get", set.how_to_get},
       {"licence", set.licence}}};
}

int clear_cache_of(const Settings& settings) {
  const auto folder = cache_folder();
  const Bytes freed(static_cast<std::int64_t>(folder.empty() ? 0 : clear_cache(folder)));
  if (settings.on("json")) {
    print_json({{"folder", folder.string()}, {"freed", freed.value}});
  } else {
    print(fmt::format("{}: {} freed\n", folder.empty() ? "no cache" : printable(folder.string()),
                      format(freed)));
  }
  return kDone;
}

}  // namespace

int run_devices(const Settings& settings, const std::string& name) {
  std::vector<CatalogueEntry> entries;
  for (const Device& device : builtin_devices()) {
    entries.push_back(
        {device.name,
         fmt::format("{}: {}, {:.0f} MHz, RAM {}, flash {}", device.title, device.core,
                     device.clock_mhz, format(device.ram), format(device.flash)),
         {{"name", device.name},
          {"title", device.title},
          {"chip", device.chip},
          {"core", device.core},
          {"clock_mhz", device.clock_mhz},
          {"ram", device.ram.value},
          {"flash", device.flash.value},
          {"active_power_mw",
           device.active_power_mw ? OrderedJson(*device.active_power_mw) : OrderedJson()},
          {"tflm_target", device.tflm_target ? OrderedJson(*device.tflm_target) : OrderedJson()},
          {"tflm_code", device.tflm_code ? OrderedJson(device.tflm_code->value) : OrderedJson()}}});
  }
  return show_catalogue(entries, {"device", "devices"}, name, settings);
}

int run_datasets(const Settings& settings, const std::string& name) {
  if (settings.on("clear-cache")) return clear_cache_of(settings);
  const auto known = known_datasets();
  const bool is_known = std::ranges::find(known, name, &DatasetInfo::name) != known.end();
  const bool is_path = name.find_first_of("/:") != std::string::npos || path_exists(name);
  if (!is_known && is_path) return show_dataset(settings, name);
  std::vector<CatalogueEntry> entries;
  for (const DatasetInfo& set : known) entries.push_back(known_set(set));
  return show_catalogue(entries, {"dataset", "datasets"}, name, settings);
}

int run_spaces(const Settings& settings, const std::string& name) {
  std::vector<CatalogueEntry> entries;
  for (const SearchSpace* space : all_spaces()) {
    entries.push_back({std::string(space->name()),
                       std::string(space->description()),
                       {{"name", space->name()},
                        {"description", space->description()},
                        {"log10_size", space->log10_size()}}});
  }
  return show_catalogue(entries, {"space", "spaces"}, name, settings);
}

int run_strategies(const Settings& settings, const std::string& name) {
  std::vector<CatalogueEntry> entries;
  for (const StrategyInfo& strategy : all_strategies()) {
    entries.push_back({std::string(strategy.name),
                       std::string(strategy.description),
                       {{"name", strategy.name}, {"description", strategy.description}}});
  }
  return show_catalogue(entries, {"strategy", "strategies"}, name, settings);
}

}  // namespace thimble::cli
