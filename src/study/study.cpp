#include "thimble/study/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "row_io.hpp"
#include "run_lock.hpp"
#include "sqlite.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using sqlite::Database;
using sqlite::Statement;
using sqlite::Transaction;

constexpr std::int64_t kSchemaVersion = 2;
constexpr std::int64_t kApplicationId = 0x74686d62;  // "thmb", in the header of the file

constexpr const char* kSchema = R"(
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE trials (
    id INTEGER PRIMARY KEY, slot INTEGER NOT NULL, parent INTEGER REFERENCES trials (id),
    genotype TEXT NOT NULL, hash TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    ram INTEGER, flash INTEGER, macs INTEGER, params INTEGER,
    val_accuracy REAL, float_accuracy REAL, seconds REAL, extra TEXT NOT NULL);
  CREATE INDEX running ON trials (id) WHERE status = 'running';
  CREATE TABLE retrained (
    round TEXT NOT NULL, trial INTEGER NOT NULL REFERENCES trials (id), result TEXT NOT NULL,
    PRIMARY KEY (round, trial)) WITHOUT ROWID;)";

/// Throws ConfigError unless the file is a whole, undamaged study of this version. Reads only.
void check(Database& database) {
  const std::string& path = database.path();
  if (database.number("PRAGMA application_id") != kApplicationId) {
    raise<ConfigError>("{}: is no study: choose a run folder of thimble", path);
  }
  const std::int64_t version = database.number("PRAGMA user_version");
  if (version != kSchemaVersion) {
    raise<ConfigError>("{}: schema version = {}: this thimble reads version {}", path, version,
                       kSchemaVersion);
  }
  Statement quick_check(database, "PRAGMA quick_check(1)");
  std::string verdict = quick_check.step() ? quick_check.text(0) : "no verdict";
  if (verdict != "ok") {
    std::ranges::replace(verdict, '\n', ' ');
    raise<ConfigError>("{}: is damaged: {}: restore it from a copy", path, verdict);
  }
  if (database.number("SELECT count(*) FROM trials") !=
      database.number("SELECT coalesce(max(id) + 1, 0) FROM trials")) {
    raise<ConfigError>("{}: is damaged: trials are missing: restore it from a copy", path);
  }
}

std::filesystem::path beside(const std::filesystem::path& file, const char* ending) {
  return file.string() + ending;
}

void require_study(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    raise<ConfigError>("{}: no such study: choose a run folder of thimble", file.string());
  }
}

Database opened(const std::filesystem::path& file, Database::Mode mode) {
  // Unless a log beside the file makes up for it, its last page must be whole; SQLite would read
  // the rest as zeros.
  const bool at_rest = !std::filesystem::exists(beside(file, "-wal")) &&
                       !std::filesystem::exists(beside(file, "-journal"));
  Database database(file.string(), mode);
  // Closing would move what a killed process left in the log into the file; a file that is refused
  // is not touched.
  const auto checkpoint_on_close = [&](bool on) {
    sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
  };
  checkpoint_on_close(false);
  check(database);
  const auto page = static_cast<std::uintmax_t>(database.number("PRAGMA page_size"));
  if (at_rest && std::filesystem::file_size(file) % page != 0) {
    raise<ConfigError>("{}: is damaged: its end is missing: restore it from a copy", file.string());
  }
  checkpoint_on_close(true);
  if (mode == Database::Mode::kReadWrite) {
    // With a write-ahead log readers and the writer do not wait for one another, and a transaction
    // costs one write. NORMAL does not wait for the disk: the system keeps what a killed process
    // wrote, only a power cut can lose it.
    database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  }
  return database;
}

std::string with_columns(fmt::format_string<const char* const&> sql) {
  return fmt::format(sql, kTrialColumns);
}

std::vector<TrialRow> rows_of(Statement& query, const std::string& place) {
  query.reset();
  std::vector<TrialRow> rows;
  while (query.step()) rows.push_back(read_row(query, place));
  return rows;
}

}  // namespace

/// The lock (absent in a study that is only read) is taken first and released last.
struct Study::Impl {
  Impl(std::unique_ptr<RunLock> run_lock, const std::filesystem::path& file, Database::Mode mode)
      : lock(std::move(run_lock)), database(opened(file, mode)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// A study at rest is one ordinary file that can be read from a write-protected folder too. When
  /// somebody is reading, the log stays, which does no harm.
  ~Impl() {
    if (lock == nullptr) return;
    sqlite3_busy_timeout(database.handle(), 0);
    sqlite3_exec(database.handle(), "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
  }

  std::unique_ptr<RunLock> lock;
  Database database;
  Statement meta{database, "SELECT key, value FROM meta"};
  Statement set_meta{database, "INSERT OR REPLACE INTO meta VALUES (?, ?)"};
  Statement size{database, "SELECT coalesce(max(id) + 1, 0) FROM trials"};
  Statement insert{database, with_columns("INSERT INTO trials ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
                                          "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)")};
  Statement finish{database,
                   "UPDATE trials SET status = ?6, reason = ?7, ram = ?8, flash = ?9, macs = ?10, "
                   "params = ?11, val_accuracy = ?12, float_accuracy = ?13, seconds = ?14, "
                   "extra = ?15 WHERE id = ?1 AND status = 'running'"};
  Statement trials{database, with_columns("SELECT {} FROM trials ORDER BY id")};
  Statement trial{database, with_columns("SELECT {} FROM trials WHERE id = ?")};
  Statement unfinished{database,
                       with_columns("SELECT {} FROM trials WHERE status = 'running' ORDER BY id")};
  Statement retrained{database,
                      "SELECT trial, result FROM retrained WHERE round = ? ORDER BY trial"};
  Statement set_retrained{database, "INSERT OR REPLACE INTO retrained VALUES (?, ?, ?)"};
};

Study::Study(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Study::Study(Study&&) noexcept = default;
Study& Study::operator=(Study&&) noexcept = default;
Study::~Study() = default;

// Made beside its place and moved there when it is whole, so that a process killed meanwhile leaves
// no half study.
Study Study::create(const std::filesystem::path& file, const Meta& meta) {
  auto lock = std::make_unique<RunLock>(beside(file, ".lock"));
  if (std::filesystem::exists(file)) {
    raise<ConfigError>("{}: exists already: resume it, or choose another folder", file.string());
  }
  const std::filesystem::path draft = beside(file, ".new");
  std::filesystem::remove(draft);
  {
    Database database(draft.string(), Database::Mode::kCreate);
    Transaction transaction(database);
    database.run(kSchema);
    database.run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId,
                             kSchemaVersion));
    Statement insert(database, "INSERT INTO meta VALUES (?, ?)");
    for (const auto& [key, value] : meta) {
      insert.bind(1, std::string_view(key));
      insert.bind(2, std::string_view(value));
      insert.run();
    }
    transaction.commit();
  }
  std::filesystem::rename(draft, file);
  return Study(std::make_unique<Impl>(std::move(lock), file, Database::Mode::kReadWrite));
}

Study Study::open(const std::filesystem::path& file) {
  require_study(file);
  auto lock = std::make_unique<RunLock>(beside(file, ".lock"));
  return Study(std::make_unique<Impl>(std::move(lock), file, Database::Mode::kReadWrite));
}

Study Study::open_readonly(const std::filesystem::path& file) {
  require_study(file);
  return Study(std::make_unique<Impl>(nullptr, file, Database::Mode::kReadOnly));
}

Study::Meta Study::meta() const {
  Statement& query = impl_->meta;
  query.reset();
  Meta entries;
  while (query.step()) entries.emplace(query.text(0), query.text(1));
  return entries;
}

void Study::set_meta(const std::string& key, const std::string& value) {
  impl_->set_meta.bind(1, std::string_view(key));
  impl_->set_meta.bind(2, std::string_view(value));
  impl_->set_meta.run();
}

std::int64_t Study::size() const {
  Statement& query = impl_->size;
  query.reset();
  query.step();
  const std::int64_t size = query.integer(0);
  query.reset();
  return size;
}

void Study::append(std::span<const TrialRow> rows) {
  Transaction transaction(impl_->database);
  std::int64_t next = size();
  for (const TrialRow& row : rows) {
    THIMBLE_ASSERT(row.id == next);
    bind_row(impl_->insert, row);
    impl_->insert.run();
    ++next;
  }
  transaction.commit();
}

void Study::finish(const TrialRow& row) {
  THIMBLE_ASSERT(row.status == TrialStatus::kEvaluated || row.status == TrialStatus::kFailed);
  bind_row(impl_->finish, row);
  impl_->finish.run();
  THIMBLE_ASSERT(sqlite3_changes(impl_->database.handle()) == 1);
}

std::vector<TrialRow> Study::trials() const {
  return rows_of(impl_->trials, impl_->database.path());
}

std::optional<TrialRow> Study::trial(std::int64_t id) const {
  impl_->trial.reset();
  impl_->trial.bind(1, id);
  const std::vector<TrialRow> found = rows_of(impl_->trial, impl_->database.path());
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<TrialRow> Study::unfinished() const {
  return rows_of(impl_->unfinished, impl_->database.path());
}

void Study::set_retrained(const RetrainedRow& row) {
  impl_->set_retrained.bind(1, std::string_view(row.round));
  impl_->set_retrained.bind(2, row.trial);
  impl_->set_retrained.bind(3, std::string_view(text_of(row.result)));
  impl_->set_retrained.run();
}

std::vector<RetrainedRow> Study::retrained(const std::string& round) const {
  Statement& query = impl_->retrained;
  query.reset();
  query.bind(1, std::string_view(round));
  std::vector<RetrainedRow> rows;
  while (query.step()) {
    const std::int64_t trial = query.integer(0);
    const std::string place =
        fmt::format("{}: retrained[{}, {}]", impl_->database.path(), round, trial);
    rows.push_back({.round = round, .trial = trial, .result = parse_json(query.text(1), place)});
  }
  return rows;
}

}  // namespace thimble
