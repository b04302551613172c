#pragma once

#include <string>
#include <vector>

#include "settings.hpp"
#include "thimble/core/json.hpp"

namespace thimble::cli {

/// One thing that there is: a board, a data set, a space, a strategy.
struct CatalogueEntry {
  std::string name;
  std::string line;  ///< what the list shows behind the name
  OrderedJson all;   ///< all about it, in the order of showing; the JSON form
};

/// What the entries are called: one of them, and all as a key of the JSON form.
struct CatalogueKind {
  std::string one;
  std::string many;
};

/// Without a name: one line an entry; with one: all about it. Throws ConfigError with the nearest
/// name when there is no such entry.
int show_catalogue(const std::vector<CatalogueEntry>& entries, const CatalogueKind& kind,
                   const std::string& name, const Settings& settings);

/// One document for scripts, its schema in front.
void print_json(const OrderedJson& document);

}  // namespace thimble::cli
