#include "thimble/report/run_summary.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "thimble/report/text_table.hpp"

namespace thimble {
namespace {

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::optional<double> score_in(const Scores& scores, Objective objective) {
  const auto found = scores.find(objective);
  return found == scores.end() ? std::nullopt : std::optional(found->second);
}

std::string percent(std::optional<double> share) { return share ? percent(*share) : ""; }

OrderedJson entry_json(const FrontEntry& entry, Objective objective) {
  OrderedJson json{
      {"trial", entry.trial}, {"val_accuracy", entry.val_accuracy}, {"val_score", entry.val_score}};
  if (entry.test_accuracy) json["test_accuracy"] = *entry.test_accuracy;
  if (const auto score = score_in(entry.test_scores, objective)) json["test_score"] = *score;
  if (entry.finalist) {
    json["val_scores"] = to_json(entry.val_scores);
    json["test_scores"] = to_json(entry.test_scores);
  }
  if (!entry.machines.empty()) json["machines"] = to_json(entry.machines);
  json["ram"] = entry.usage.ram.value;
  json["flash"] = entry.usage.flash.value;
  json["params"] = entry.usage.params;
  json["macs"] = entry.usage.macs.value;
  json["finalist"] = entry.finalist;
  if (!entry.model.empty()) json["model"] = entry.model;
  return json;
}

/// Where anomalies are asked for, accuracy is not what finalists are for.
std::vector<Objective> further_test_scores(const RunSummary& summary) {
  std::vector<Objective> further;
  const bool anomalies = std::ranges::any_of(
      summary.front, [](const FrontEntry& entry) { return !entry.machines.empty(); });
  if (!anomalies) return further;
  for (const Objective each : {Objective::kAuc, Objective::kPartialAuc}) {
    if (each != summary.objective) further.push_back(each);
  }
  return further;
}

}  // namespace

OrderedJson to_json(const RunSummary& summary) {
  OrderedJson budget = OrderedJson::object();
  if (summary.budget.ram) budget["ram"] = summary.budget.ram->value;
  if (summary.budget.flash) budget["flash"] = summary.budget.flash->value;
  if (summary.budget.macs) budget["macs"] = summary.budget.macs->value;
  OrderedJson front = OrderedJson::array();
  for (const FrontEntry& entry : summary.front)
    front.push_back(entry_json(entry, summary.objective));
  OrderedJson front_end;
  if (summary.front_end) {
    front_end = {{"ram", summary.front_end->ram.value},
                 {"flash", summary.front_end->flash.value},
                 {"macs", summary.front_end->macs.value}};
  }
  return {{"schema", 1},
          {"run", summary.run},
          {"data", summary.data},
          {"device", summary.device.empty() ? OrderedJson() : OrderedJson(summary.device)},
          {"runtime", summary.target.empty() ? "ideal" : "tflm"},
          {"target", summary.target.empty() ? OrderedJson() : OrderedJson(summary.target)},
          {"objective", info(summary.objective).name},
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
  const bool by_accuracy = summary.objective == Objective::kAccuracy;
  const std::vector<Objective> further = further_test_scores(summary);
  std::vector<Column> columns{{"trial", Align::kRight}};
  if (!by_accuracy) {
    for (const char* split : {"val", "test"}) {
      columns.push_back(
          {fmt::format("{} {}", split, info(summary.objective).title), Align::kRight});
    }
  }
  for (const char* title : {"val int8", "test int8"}) columns.push_back({title, Align::kRight});
  for (const Objective each : further) {
    columns.push_back({fmt::format("test {}", info(each).title), Align::kRight});
  }
  for (const char* title : {"RAM", "flash", "params", "MACs"}) {
    columns.push_back({title, Align::kRight});
  }
  columns.push_back({"model"});

  std::vector<std::vector<std::string>> rows;
  for (const FrontEntry& entry : summary.front) {
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(std::to_string(entry.trial));
    if (!by_accuracy) {
      row.push_back(percent(entry.val_score));
      row.push_back(percent(score_in(entry.test_scores, summary.objective)));
    }
    row.push_back(percent(entry.val_accuracy));
    row.push_back(percent(entry.test_accuracy));
    for (const Objective each : further) row.push_back(percent(score_in(entry.test_scores, each)));
    row.push_back(format(entry.usage.ram));
    row.push_back(format(entry.usage.flash));
    row.push_back(std::to_string(entry.usage.params));
    row.push_back(format(entry.usage.macs));
    row.push_back(entry.model);
  }
  std::string table = text_table(columns, rows);
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
    front_end = fmt::format("beside each network, its front end: RAM {}, flash {}, MACs {}\n",
                            format(summary.front_end->ram), format(summary.front_end->flash),
                            format(summary.front_end->macs));
  }
  return fmt::format("{}: {} evaluated, {} rejected, {} failed in {}\n{}{}", summary.run,
                     summary.evaluated, summary.rejected, summary.failed,
                     format(std::chrono::seconds(static_cast<std::int64_t>(summary.seconds + 0.5))),
                     table, front_end);
}

}  // namespace thimble
