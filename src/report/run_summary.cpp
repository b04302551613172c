#include "thimble/report/run_summary.hpp"

#include <fmt/format.h>

#include "thimble/report/text_table.hpp"

namespace thimble {
namespace {

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

OrderedJson entry_json(const FrontEntry& entry) {
  OrderedJson json{{"trial", entry.trial}, {"val_accuracy", entry.val_accuracy}};
  if (entry.test_accuracy) json["test_accuracy"] = *entry.test_accuracy;
  json["ram"] = entry.usage.ram.value;
  json["flash"] = entry.usage.flash.value;
  json["params"] = entry.usage.params;
  json["macs"] = entry.usage.macs.value;
  json["finalist"] = entry.finalist;
  if (!entry.model.empty()) json["model"] = entry.model;
  return json;
}

}  // namespace

OrderedJson to_json(const RunSummary& summary) {
  OrderedJson budget = OrderedJson::object();
  if (summary.budget.ram) budget["ram"] = summary.budget.ram->value;
  if (summary.budget.flash) budget["flash"] = summary.budget.flash->value;
  if (summary.budget.macs) budget["macs"] = summary.budget.macs->value;
  OrderedJson front = OrderedJson::array();
  for (const FrontEntry& entry : summary.front) front.push_back(entry_json(entry));
  OrderedJson front_end;
  if (summary.front_end) {
    front_end = {{"ram", summary.front_end->ram.value}, {"flash", summary.front_end->flash.value}};
  }
  return {{"schema", 1},
          {"run", summary.run},
          {"data", summary.data},
          {"device", summary.device.empty() ? OrderedJson() : OrderedJson(summary.device)},
          {"runtime", summary.target.empty() ? "ideal" : "tflm"},
          {"target", summary.target.empty() ? OrderedJson() : OrderedJson(summary.target)},
          {"budget", std::move(budget)},
          {"front_end", std::move(front_end)},
          {"trials",
           {{"evaluated", summary.evaluated},
            {"rejected", summary.rejected},
            {"failed", summary.failed}}},
          {"seconds", summary.seconds},
          {"front", std::move(front)}};
}

std::string to_text(const RunSummary& summary, bool color) {
  std::vector<std::vector<std::string>> rows;
  for (const FrontEntry& entry : summary.front) {
    rows.push_back({std::to_string(entry.trial), percent(entry.val_accuracy),
                    entry.test_accuracy ? percent(*entry.test_accuracy) : "",
                    format(entry.usage.ram), format(entry.usage.flash),
                    std::to_string(entry.usage.params), format(entry.usage.macs), entry.model});
  }
  std::string table = text_table({{"trial", Align::kRight},
                                  {"val int8", Align::kRight},
                                  {"test int8", Align::kRight},
                                  {"RAM", Align::kRight},
                                  {"flash", Align::kRight},
                                  {"params", Align::kRight},
                                  {"MACs", Align::kRight},
                                  {"model"}},
                                 rows);
  if (color) {
    // The header is line 0; a finalist's line becomes bold.
    std::string marked;
    std::size_t line = 0;
    for (std::size_t begin = 0; begin < table.size(); ++line) {
      const std::size_t end = table.find('\n', begin);
      const bool bold = line > 0 && summary.front[line - 1].finalist;
      const std::string text = table.substr(begin, end - begin);
      marked += (bold ? "\033[1m" + text + "\033[0m" : text) + "\n";
      begin = end + 1;
    }
    table = std::move(marked);
  }
  std::string front_end;
  if (summary.front_end) {
    front_end = fmt::format("beside each network, its front end: RAM {}, flash {}\n",
                            format(summary.front_end->ram), format(summary.front_end->flash));
  }
  return fmt::format("{}: {} evaluated, {} rejected, {} failed in {}\n{}{}", summary.run,
                     summary.evaluated, summary.rejected, summary.failed,
                     format(std::chrono::seconds(static_cast<std::int64_t>(summary.seconds + 0.5))),
                     table, front_end);
}

}  // namespace thimble
