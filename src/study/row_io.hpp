#pragma once

#include <string>

#include "sqlite.hpp"
#include "thimble/study/trial_row.hpp"

namespace thimble {

/// The columns of `trials`, in the order that `bind_row` fills and `read_row` reads.
inline constexpr const char* kTrialColumns =
    "id, slot, parent, genotype, hash, status, reason, ram, flash, macs, params, val_accuracy, "
    "float_accuracy, seconds, extra";

/// One line; bytes that are no UTF-8 are replaced.
std::string text_of(const Json& document);

/// Fills parameters 1 to 15.
void bind_row(sqlite::Statement& statement, const TrialRow& row);

/// The row that the statement stands on. Throws ConfigError naming `place`, the trial and the
/// column when a value cannot be.
TrialRow read_row(const sqlite::Statement& statement, const std::string& place);

}  // namespace thimble
