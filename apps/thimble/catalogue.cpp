#include "catalogue.hpp"

#include <algorithm>

#include "command.hpp"
#include "terminal.hpp"
#include "thimble/core/text.hpp"
#include "thimble/report/text_table.hpp"

namespace thimble::cli {
namespace {

std::string in_full(const CatalogueEntry& entry) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, value] : entry.all.items()) {
    rows.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  return text_table({{"field"}, {"value"}}, rows);
}

}  // namespace

void print_json(const OrderedJson& document) {
  OrderedJson whole{{"schema", 1}};
  whole.update(document);
  print(whole.dump(2) + "\n");
}

int show_catalogue(const std::vector<CatalogueEntry>& entries, const CatalogueKind& kind,
                   const std::string& name, const Settings& settings) {
  if (name.empty()) {
    if (settings.on("json")) {
      OrderedJson list = OrderedJson::array();
      for (const CatalogueEntry& entry : entries) list.push_back(entry.all);
      print_json({{kind.many, std::move(list)}});
      return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const CatalogueEntry& entry : entries) rows.push_back({entry.name, entry.line});
    print(text_table({{kind.one}, {""}}, rows));
    return kDone;
  }
  const auto entry = std::ranges::find(entries, name, &CatalogueEntry::name);
  if (entry == entries.end()) {
    std::vector<std::string> names;
    for (const CatalogueEntry& known : entries) names.push_back(known.name);
    raise<ConfigError>("thimble: {} = {}: there is none{}", kind.one, name,
                       did_you_mean(name, names));
  }
  if (settings.on("json")) {
    print_json(entry->all);
  } else {
    print(in_full(*entry));
  }
  return kDone;
}

}  // namespace thimble::cli
