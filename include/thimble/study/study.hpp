#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "thimble/study/trial_row.hpp"

namespace thimble {

/// The journal of a search: everything that was proposed and what became of it, written as it
/// happens.
///
/// Every writing call is one transaction that is finished when the call returns: a process that is
/// killed (`kill -9`) at any moment loses nothing that was written, and no call is ever half done.
/// After a power cut the last calls may be missing; what is there is still a prefix of the history.
///
/// One process at a time may write; others may read meanwhile. A `Study` is used by one thread at a
/// time.
///
/// A full or failing disk is a DataError; the call that met it changed nothing, and the study can
/// be opened again when there is room.
class Study {
 public:
  /// What a run must remember of itself: options, seed, program version, … as text.
  using Meta = std::map<std::string, std::string>;

  /// A new, empty study; it appears with its meta data at once or not at all. Throws ConfigError
  /// when `file` exists already or the run is in use by another process.
  static Study create(const std::filesystem::path& file, const Meta& meta);

  /// For going on. Throws ConfigError when there is no such file, when it is no study, is damaged,
  /// was written by a newer version, or when another process is using it (which is named); the file
  /// is then left untouched.
  static Study open(const std::filesystem::path& file);

  /// For looking only, also while another process writes. Every call sees whole transactions.
  static Study open_readonly(const std::filesystem::path& file);

  Study(Study&&) noexcept;
  Study& operator=(Study&&) noexcept;
  ~Study();

  Meta meta() const;
  /// Adds or replaces one entry.
  void set_meta(const std::string& key, const std::string& value);

  /// How many rows there are; the next id.
  std::int64_t size() const;

  /// Adds the proposals of one slot, all or none; their ids go on from `size()`.
  void append(std::span<const TrialRow> rows);

  /// Writes the result of a running trial: its row becomes `row`, whose status says evaluated or
  /// failed. Slot, parent, genotype and hash stay as they were proposed.
  void finish(const TrialRow& row);

  /// All rows by id.
  std::vector<TrialRow> trials() const;
  std::optional<TrialRow> trial(std::int64_t id) const;
  /// Rows that are still `running`, by id: in a study that was just opened, what a killed process
  /// had in flight.
  std::vector<TrialRow> unfinished() const;

  /// Adds what came of training a network again, or replaces what was known of it.
  void set_retrained(const RetrainedRow& row);
  /// Those of one round, by trial id.
  std::vector<RetrainedRow> retrained(const std::string& round) const;

 private:
  class Impl;
  explicit Study(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace thimble
