#include "profile_report.hpp"

#include <algorithm>

#include "thimble/footprint/cost.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/report/text_table.hpp"
#include "thimble/tflite/reader.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble::cli {
namespace {

std::string inputs_text(const Node& node) {
  std::string text;
  for (const NodeId id : node.inputs) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

/// `2 CONV_2D 26x26x8 (5408 B)`.
std::string tensor_text(const Graph& graph, NodeId id) {
  return fmt::format("{} {} {} ({} B)", id, op_name(graph.node(id).op), to_string(graph.shape(id)),
                     graph.shape(id).elements());
}

std::string share_text(std::string_view what, Bytes used, Bytes there) {
  return fmt::format("{} {} of {} ({:.1f} %){}\n", what, format(used), format(there),
                     100.0 * static_cast<double>(used.value) / static_cast<double>(there.value),
                     used > there ? ": does not fit" : "");
}

/// With the runtime, where it is known what that takes.
std::string device_text(const Profile& profile, const Device& device) {
  const bool is_planned = profile.arena && profile.arena->unknown.empty();
  const Bytes code = is_planned ? device.tflm_code.value_or(0_B) : 0_B;
  const std::string ram = is_planned ? share_text("arena", profile.arena->plan.smallest, device.ram)
                                     : share_text("RAM", profile.ram.peak, device.ram);
  return fmt::format("{0}: {1}{0}: {2}", device.title, ram,
                     share_text(code > 0_B ? "flash with TensorFlow Lite Micro's code" : "flash",
                                profile.tflite + code, device.flash));
}

}  // namespace

Profile profile_of(const Graph& training, std::string model) {
  const Graph graph = deployed(training);
  Profile profile{.model = std::move(model), .graph = in_order_of_least_ram(graph)};
  profile.ram = peak_ram_as_stored(profile.graph);
  profile.ram_without_input = minimal_peak_ram(graph, {.count_inputs = false}).peak;
  profile.ram_in_place = minimal_peak_ram(graph, {.add_in_place = true}).peak;
  profile.live = ram_profile(profile.graph, profile.ram.order);
  profile.tflite = tflite_size(profile.graph);
  profile.advice = tensor_advice(profile.graph, profile.order);
  return profile;
}

// To find the best order may take very long for a file that nobody knows.
Profile profile_of_file(std::span<const std::uint8_t> file, const std::string& path) {
  Profile profile{
      .model = path, .graph = read_tflite(file, path).graph, .order = OperatorOrder::kStored};
  profile.ram = peak_ram_as_stored(profile.graph);
  profile.ram_without_input = peak_ram_as_stored(profile.graph, {.count_inputs = false}).peak;
  profile.ram_in_place = peak_ram_as_stored(profile.graph, {.add_in_place = true}).peak;
  profile.live = ram_profile(profile.graph, profile.ram.order);
  profile.tflite = Bytes(static_cast<std::int64_t>(file.size()));
  profile.advice = tensor_advice(profile.graph, profile.order);
  return profile;
}

OrderedJson to_json(const Profile& profile) {
  const std::vector<OpCost> costs = op_costs(profile.graph);
  const OpCost total = total_cost(profile.graph);
  OrderedJson ops = OrderedJson::array();
  for (NodeId id = 0; id < profile.graph.size(); ++id) {
    const Node& node = profile.graph.node(id);
    if (std::holds_alternative<Input>(node.op)) continue;
    const OpCost& cost = costs[static_cast<std::size_t>(id)];
    const Shape out = node.output;
    ops.push_back({{"op", op_name(node.op)},
                   {"node", id},
                   {"inputs", node.inputs},
                   {"output", {1, out.height, out.width, out.channels}},
                   {"macs", cost.macs.value},
                   {"weights", cost.weights().value},
                   {"live", profile.live[static_cast<std::size_t>(id)].value}});
  }
  OrderedJson ram{{"peak_tensors", profile.ram.peak.value},
                  {"peak_tensors_without_input", profile.ram_without_input.value},
                  {"peak_tensors_add_in_place", profile.ram_in_place.value},
                  {"peak_node", profile.ram.peak_node},
                  {"live_at_peak", profile.ram.live},
                  {"advice", to_json(profile.advice)}};
  if (profile.arena) ram["tflm"] = to_json(*profile.arena);
  return {{"schema", 1},
          {"model", profile.model},
          {"macs", total.macs.value},
          {"munas_macs", total.munas_work.value},
          {"params", total.params},
          {"ram", std::move(ram)},
          {"flash", {{"weights", total.weights().value}, {"tflite", profile.tflite.value}}},
          {"ops", std::move(ops)}};
}

std::string to_text(const Profile& profile, const std::optional<Device>& device) {
  const std::vector<OpCost> costs = op_costs(profile.graph);
  const OpCost total = total_cost(profile.graph);
  std::vector<std::vector<std::string>> rows;
  for (NodeId id = 0; id < profile.graph.size(); ++id) {
    const Node& node = profile.graph.node(id);
    const OpCost& cost = costs[static_cast<std::size_t>(id)];
    rows.push_back({std::to_string(id), std::string(op_name(node.op)), inputs_text(node),
                    to_string(node.output), std::to_string(node.output.elements()),
                    std::to_string(cost.macs.value), std::to_string(cost.weights().value),
                    std::to_string(profile.live[static_cast<std::size_t>(id)].value),
                    id == profile.ram.peak_node ? "<- peak" : ""});
  }
  std::string text = profile.model + "\n" +
                     text_table({{"node", Align::kRight},
                                 {"operator"},
                                 {"reads"},
                                 {"output"},
                                 {"bytes", Align::kRight},
                                 {"MACs", Align::kRight},
                                 {"weights", Align::kRight},
                                 {"live", Align::kRight},
                                 {""}},
                                rows);
  text += fmt::format(
      "\npeak RAM  {} B, in the order above ({}), at node {}; live then:\n", profile.ram.peak.value,
      profile.order == OperatorOrder::kBest ? "the best of all orders" : "the file's",
      profile.ram.peak_node);
  for (const NodeId id : profile.ram.live)
    text += "          " + tensor_text(profile.graph, id) + "\n";
  text += fmt::format("          {} B without the network's input, {} B with additions in place\n",
                      profile.ram_without_input.value, profile.ram_in_place.value);
  text += to_text(profile.advice);
  text += fmt::format("flash     {} B as .tflite, {} B of them weights and biases\n",
                      profile.tflite.value, total.weights().value);
  text += fmt::format("work      {} MACs, {} parameters\n", total.macs.value, total.params);
  if (profile.arena) text += "\n" + to_text(*profile.arena);
  if (device) text += device_text(profile, *device);
  return text;
}

}  // namespace thimble::cli
