#include <fmt/format.h>

#include "command.hpp"
#include "model_files.hpp"
#include "runtime_setting.hpp"
#include "terminal.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/optimise/file_optimiser.hpp"
#include "thimble/report/text_table.hpp"

namespace thimble::cli {
namespace {

/// The core of the --device, the --target, or this machine's.
const ArenaTarget& read_target(const Settings& settings) {
  if (settings.has("target") && settings.has("device")) {
    settings.reject("target", "the --device says it: give one of the two");
  }
  if (settings.has("target")) return find_arena_target(settings.text("target"));
  if (!settings.has("device")) return find_arena_target(kHostTarget);
  const Device device = find_device(settings.text("device"), builtin_devices());
  const ArenaTarget* target = arena_target(device);
  if (target == nullptr) settings.reject("device", no_arena_target(device));
  return *target;
}

std::string order_text(const OptimisedFile& result) {
  return result.layout.is_reordered ? "another one, which needs less at once" : "as it was";
}

std::string places_text(const OptimisedFile& result) {
  const ArenaLayout& layout = result.layout;
  std::string text = layout.offsets.empty()
                         ? "the runtime's planner does as well as any that we found"
                         : "in the file, for the runtime's planner would need more";
  const Bytes above = result.after.head_size - layout.head_bound;
  const char* const orders = layout.bounds_all_orders ? "any order" : "this order";
  if (above == 0_B) return text + fmt::format("; no head is smaller in {}", orders);
  return text + fmt::format("; {} needs at least {} B", orders, layout.head_bound.value);
}

std::string to_text(const OptimisedFile& result, std::int64_t size_before, const std::string& path,
                    const std::string& out, const ArenaTarget& target) {
  const auto row = [](const char* name, std::int64_t before, std::int64_t after) {
    const std::int64_t change = after - before;
    return std::vector<std::string>{"", name, std::to_string(before), std::to_string(after),
                                    change == 0 ? "" : fmt::format("{:+}", change)};
  };
  const ArenaPlan& before = result.before;
  const ArenaPlan& after = result.after;
  std::string text = fmt::format("{} on {}: {}\n", path, target.name, target.runtime);
  text += text_table(
      {{""}, {"bytes"}, {"before", Align::kRight}, {"after", Align::kRight}, {"", Align::kRight}},
      {row("arena", before.smallest.value, after.smallest.value),
       row("head", before.head_size.value, after.head_size.value),
       row("tail", before.tail_size.value, after.tail_size.value),
       row("file", size_before, std::ssize(result.bytes))});
  if (!result.is_better) {
    return text + fmt::format("nothing to gain: {} is the file as it was\n", out);
  }
  return text + fmt::format(
                    "order     {}\nplaces    {}\nproof     {} inputs, {} of them extreme, give the "
                    "same bytes before and after\n{}\n",
                    order_text(result), places_text(result), result.inputs, kExtremeInputs, out);
}

OrderedJson to_json(const OptimisedFile& result, std::int64_t size_before, const std::string& path,
                    const std::string& out, const ArenaTarget& target) {
  const auto pair = [](std::int64_t before, std::int64_t after) {
    return OrderedJson{{"before", before}, {"after", after}};
  };
  OrderedJson head = pair(result.before.head_size.value, result.after.head_size.value);
  head["lower_bound"] = result.layout.head_bound.value;
  head["of_all_orders"] = result.layout.bounds_all_orders;
  return {{"schema", 1},
          {"model", path},
          {"file", out},
          {"target", target.name},
          {"gained", result.is_better},
          {"min_arena", pair(result.before.smallest.value, result.after.smallest.value)},
          {"head", std::move(head)},
          {"tail", pair(result.before.tail_size.value, result.after.tail_size.value)},
          {"tflite", pair(size_before, std::ssize(result.bytes))},
          {"reordered", result.is_better && result.layout.is_reordered},
          {"planned", result.is_better && !result.layout.offsets.empty()},
          {"inputs", result.inputs},
          {"equal", true}};
}

}  // namespace

int run_optimise(const Settings& settings, const std::string& path) {
  const std::string out = read_out_file(settings).string();
  const ArenaTarget& target = read_target(settings);
  const std::vector<std::uint8_t> file = read_bytes(path);
  const OptimisedFile result = optimise_file(file, path, target);
  if (!result.failure.empty()) {
    say(fmt::format("{}: {}: nothing was written", path, result.failure));
    return kVerificationFailed;
  }
  write_file(out, result.bytes);
  const auto size_before = static_cast<std::int64_t>(file.size());
  print(settings.on("json") ? to_json(result, size_before, path, out, target).dump(2) + "\n"
                            : to_text(result, size_before, path, out, target));
  return kDone;
}

}  // namespace thimble::cli
