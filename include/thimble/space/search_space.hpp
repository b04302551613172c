#pragma once

#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "thimble/space/mlp.hpp"
#include "thimble/space/munas_genotype.hpp"

namespace thimble {

/// A candidate of any space: a small value that compares, copies and travels as JSON.
using Genotype = std::variant<MunasGenotype, MlpGenotype>;

/// The JSON form that studies keep and people read; its field "space" names the space.
OrderedJson to_json(const Genotype& genotype);
/// The reverse. Throws ConfigError naming the field that is missing, unknown or out of its range.
Genotype genotype_from_json(const JsonField& field);

/// The training graph (what is measured, trained and exported). Throws ModelError when the task
/// cannot have a network.
Graph genotype_graph(const Genotype& genotype, const Task& task);

/// What a search strategy walks in. Spaces are stateless; genotypes given to one must be its own.
class SearchSpace {
 public:
  virtual ~SearchSpace() = default;

  /// As in a genotype's field "space".
  virtual std::string_view name() const = 0;
  /// One line for people.
  virtual std::string_view description() const = 0;
  /// Decimal logarithm of how many genotypes there are, as the space's authors count them.
  virtual double log10_size() const = 0;

  virtual Genotype random(Rng& rng) const = 0;
  /// One morph, drawn uniformly from the neighbourhood. Never equal to `genotype`.
  virtual Genotype mutate(const Genotype& genotype, Rng& rng) const = 0;
  /// One genotype a morph, in a fixed order; morphs that draw do so once, from `rng`. None equals
  /// `genotype`.
  virtual std::vector<Genotype> neighbours(const Genotype& genotype, Rng& rng) const = 0;
  /// Genotypes that need least, each in its own way: with few weights, with a small first tensor,
  /// with few operators. Where none of them keeps a bound, a descent from them tells how far it is
  /// from being kept.
  virtual std::vector<Genotype> smallest() const = 0;
};

/// All spaces, the default for images first.
std::span<const SearchSpace* const> all_spaces();

/// Throws ConfigError with the nearest name.
const SearchSpace& find_space(std::string_view name);
/// The space that a genotype is of.
const SearchSpace& space_of(const Genotype& genotype);

}  // namespace thimble
