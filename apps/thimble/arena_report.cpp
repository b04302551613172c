#include "arena_report.hpp"

#include <algorithm>
#include <tuple>

#include "thimble/core/error.hpp"
#include "thimble/optimise/arena_layout.hpp"
#include "thimble/report/text_table.hpp"

namespace thimble::cli {
namespace {

/// Wider pictures are squeezed: a column then stands for several operators.
constexpr int kWidest = 64;

struct TailPart {
  const char* name;
  Bytes TailLayout::*size;
  const char* what;
};

constexpr TailPart kTailParts[] = {
    {"interpreter", &TailLayout::interpreter, "the runtime's own objects"},
    {"tensors", &TailLayout::tensors, "a record for each tensor, weights too"},
    {"nodes", &TailLayout::nodes, "a record for each operator"},
    {"options", &TailLayout::options, "operators' options, parsed"},
    {"states", &TailLayout::states, "kernels' own data"},
    {"arrays", &TailLayout::arrays, "multipliers and shifts of channels, and the like"},
    {"handles", &TailLayout::handles, "of scratch buffers"},
    {"ends", &TailLayout::ends, "what is seen of inputs and outputs"},
};

/// `3 CONV_2D`; operators count from 1, as the times at which they run.
std::string operator_text(const ArenaNetwork& network, int time) {
  return time == 0 ? "the start"
                   : fmt::format(
                         "{} {}", time,
                         kernel_name(network.operators[static_cast<std::size_t>(time - 1)].kernel));
}

std::string holder(const ArenaNetwork& network, const ArenaBuffer& buffer) {
  if (buffer.scratch_of >= 0) {
    return "scratch of " + operator_text(network, buffer.scratch_of + 1);
  }
  if (std::ranges::find(network.inputs, buffer.tensor) != network.inputs.end()) return "input";
  const auto maker = std::ranges::find(network.operators, buffer.tensor, &ArenaOperator::output);
  if (maker == network.operators.end()) return fmt::format("tensor {}, unused", buffer.tensor);
  return operator_text(network, static_cast<int>(maker - network.operators.begin()) + 1);
}

/// By the time from which they are needed, then from the arena's start.
std::vector<ArenaBuffer> in_order_of_time(const ArenaPlan& plan) {
  std::vector<ArenaBuffer> buffers = plan.head;
  std::ranges::sort(buffers, {}, [](const ArenaBuffer& buffer) {
    return std::tuple(buffer.first, buffer.offset, buffer.last);
  });
  return buffers;
}

Bytes held_at(const ArenaPlan& plan, int time) {
  Bytes held;
  for (const ArenaBuffer& buffer : plan.head) {
    if (is_live(buffer, time)) held += buffer.size;
  }
  return held;
}

std::vector<std::string_view> derived_names(const ArenaForecast& forecast) {
  std::vector<std::string_view> names;
  for (const TflmKernel kernel : derived_kernels(forecast.network, *forecast.target)) {
    names.push_back(kernel_name(kernel));
  }
  return names;
}

/// Which figures nobody has measured on the core.
std::string derived_line(const ArenaForecast& forecast) {
  const auto names = derived_names(forecast);
  if (names.empty()) return {};
  return fmt::format("  derived: {}: sizes from the sources' layout, not measured on {}\n",
                     fmt::join(names, ", "), forecast.target->name);
}

std::string figures(const ArenaForecast& forecast) {
  const ArenaPlan& plan = forecast.plan;
  const auto row = [](const char* name, Bytes size, std::string what) {
    return std::vector<std::string>{"", name, std::to_string(size.value), std::move(what)};
  };
  std::vector<std::vector<std::string>> rows{
      row("head", plan.head_size, "tensors and scratch memory, as below"),
      row("tail", plan.tail_size, "what stays:")};
  for (const TailPart& part : kTailParts) {
    const Bytes size = plan.tail.*part.size;
    if (size == 0_B) continue;
    rows.push_back({"", "", "", fmt::format("{:>6}  {}: {}", size.value, part.name, part.what)});
  }
  rows.push_back(row("used", plan.used, "as the interpreter reports it"));
  rows.push_back(row("smallest", plan.smallest,
                     plan.preparation > plan.used
                         ? "the arena to give it: while it allocates it needs more than it keeps"
                         : "the arena to give it, a multiple of 16"));
  return text_table({{""}, {"arena"}, {"bytes", Align::kRight}, {""}}, rows);
}

std::string picture(const ArenaForecast& forecast) {
  const ArenaPlan& plan = forecast.plan;
  const int times = static_cast<int>(forecast.network.operators.size()) + 1;
  const int times_a_column = (times + kWidest - 1) / kWidest;
  const auto columns = static_cast<std::size_t>((times + times_a_column - 1) / times_a_column);
  const auto column = [&](int time) { return static_cast<std::size_t>(time / times_a_column); };
  const int peak = peak_time(plan.head);
  std::string ruler(columns, ' ');
  for (std::size_t c = 0; c < columns; ++c) ruler[c] = static_cast<char>('0' + c % 10);

  std::vector<std::vector<std::string>> rows;
  for (const ArenaBuffer& buffer : in_order_of_time(plan)) {
    const bool at_peak = is_live(buffer, peak);
    std::string bar(columns, '.');
    if (buffer.first >= 0) {
      std::fill(bar.begin() + static_cast<std::ptrdiff_t>(column(buffer.first)),
                bar.begin() + static_cast<std::ptrdiff_t>(column(buffer.last)) + 1, '=');
    }
    if (at_peak) bar[column(peak)] = '#';
    rows.push_back({"", std::to_string(buffer.offset.value), std::to_string(buffer.size.value),
                    buffer.first < 0 ? "-" : fmt::format("{}-{}", buffer.first, buffer.last), bar,
                    holder(forecast.network, buffer), at_peak ? "<- peak" : ""});
  }
  std::string text = text_table({{""},
                                 {"offset", Align::kRight},
                                 {"bytes", Align::kRight},
                                 {"live", Align::kRight},
                                 {times_a_column == 1 ? ruler : ""},
                                 {"buffer"},
                                 {""}},
                                rows);
  if (times_a_column > 1) text += fmt::format("  a column: {} operators\n", times_a_column);
  const Bytes held = held_at(plan, peak);
  text += fmt::format("  peak at {}: {} B held", operator_text(forecast.network, peak), held.value);
  if (held < plan.head_size) {
    text += fmt::format(", {} B lost in gaps", (plan.head_size - held).value);
  }
  return text + "\n";
}

}  // namespace

ArenaForecast forecast_of_file(ArenaNetwork network, const Graph& graph,
                               const ArenaTarget& target) {
  ArenaForecast forecast{.target = &target, .network = std::move(network)};
  try {
    forecast.plan = plan_arena(forecast.network, target);
    forecast.advice = arena_advice(graph, target, OperatorOrder::kStored);
  } catch (const ModelError& error) {
    forecast.unknown = error.what();
  }
  return forecast;
}

ArenaForecast forecast_of_export(const Graph& graph, const ArenaTarget& target) {
  ArenaForecast forecast{.target = &target};
  try {
    const ArenaLayout layout = best_layout(graph, target, kQuickLayout);
    forecast.network = laid_out_network(graph, layout);
    forecast.plan = layout.plan;
    forecast.advice = arena_advice(graph, target, OperatorOrder::kBest);
  } catch (const ModelError& error) {
    forecast.unknown = error.what();
  }
  return forecast;
}

OrderedJson to_json(const ArenaForecast& forecast) {
  OrderedJson json{
      {"target", forecast.target != nullptr ? OrderedJson(forecast.target->name) : OrderedJson()}};
  if (!forecast.unknown.empty()) {
    json["unknown"] = forecast.unknown;
    return json;
  }
  const ArenaPlan& plan = forecast.plan;
  const int peak = peak_time(plan.head);
  OrderedJson parts = OrderedJson::object();
  for (const TailPart& part : kTailParts) parts[part.name] = (plan.tail.*part.size).value;
  OrderedJson buffers = OrderedJson::array();
  for (const ArenaBuffer& buffer : in_order_of_time(plan)) {
    buffers.push_back({{"buffer", holder(forecast.network, buffer)},
                       {"offset", buffer.offset.value},
                       {"size", buffer.size.value},
                       {"first", buffer.first},
                       {"last", buffer.last},
                       {"at_peak", is_live(buffer, peak)}});
  }
  json["runtime"] = forecast.target->runtime;
  json["head"] = plan.head_size.value;
  json["tail"] = plan.tail_size.value;
  json["used"] = plan.used.value;
  json["min_arena"] = plan.smallest.value;
  json["derived"] = derived_names(forecast);
  json["tail_parts"] = std::move(parts);
  json["peak"] = {{"time", peak},
                  {"operator", operator_text(forecast.network, peak)},
                  {"held", held_at(plan, peak).value}};
  json["buffers"] = std::move(buffers);
  json["advice"] = to_json(forecast.advice);
  return json;
}

OrderedJson to_json(const std::vector<MemoryAdvice>& advice) {
  OrderedJson list = OrderedJson::array();
  for (const MemoryAdvice& each : advice) {
    list.push_back({{"change", each.change},
                    {"needed", each.needed.value},
                    {"saved", each.saved.value},
                    {"same_answers", each.same_answers}});
  }
  return list;
}

std::string to_text(const std::vector<MemoryAdvice>& advice) {
  if (advice.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const MemoryAdvice& each : advice) {
    rows.push_back({"", fmt::format("-{}", each.saved.value), std::to_string(each.needed.value),
                    each.change, each.same_answers ? "same answers" : "to be trained"});
  }
  return text_table({{"to need less"},
                     {"bytes", Align::kRight},
                     {"then", Align::kRight},
                     {"each change alone"},
                     {""}},
                    rows);
}

std::string to_text(const ArenaForecast& forecast) {
  if (!forecast.unknown.empty()) return fmt::format("arena     not known: {}\n", forecast.unknown);
  return fmt::format("arena     on {}: {}\n{}{}{}{}", forecast.target->name,
                     forecast.target->runtime, figures(forecast), derived_line(forecast),
                     picture(forecast), to_text(forecast.advice));
}

}  // namespace thimble::cli
