#include "sqlite.hpp"

#include <utility>

#include "thimble/core/error.hpp"

namespace thimble::sqlite {
namespace {

constexpr int kForeignLockMilliseconds = 5000;

int open_flags(Database::Mode mode) {
  const bool create = mode == Database::Mode::kCreate;
  return SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
}

}  // namespace

Database::Database(std::string path, Mode mode) : path_(std::move(path)) {
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(path_.c_str(), &handle, open_flags(mode), nullptr);
  handle_.reset(handle);
  if (handle == nullptr) raise<DataError>("{}: cannot be opened: out of memory", path_);
  if (result != SQLITE_OK) fail();
  sqlite3_busy_timeout(handle, kForeignLockMilliseconds);
  // Not SQLITE_OPEN_READONLY: what a killed writer left in its log must be taken up before it can
  // be read. Where the file itself may not be written, SQLite opens it for reading all the same.
  if (mode == Mode::kReadOnly) run("PRAGMA query_only = 1");
}

void Database::run(const std::string& statements) {
  if (sqlite3_exec(handle(), statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::int64_t Database::number(const std::string& query) {
  Statement statement(*this, query);
  return statement.step() ? statement.integer(0) : 0;
}

void Database::fail() const {
  const char* reason = sqlite3_errmsg(handle());
  switch (sqlite3_errcode(handle()) & 0xff) {
    case SQLITE_NOTADB:
      raise<ConfigError>("{}: is no study: {}", path_, reason);
    case SQLITE_CORRUPT:
      raise<ConfigError>("{}: is damaged: {}: restore it from a copy", path_, reason);
    case SQLITE_FULL:
    case SQLITE_IOERR:
      raise<DataError>("{}: cannot be written: {}: make room on the disk, then resume", path_,
                       reason);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      raise<DataError>("{}: is locked by another program: close it, then resume", path_);
    default:
      raise<DataError>("{}: cannot be used: {}", path_, reason);
  }
}

Statement::Statement(Database& database, const std::string& sql) : database_(&database) {
  sqlite3_stmt* handle = nullptr;
  const int result = sqlite3_prepare_v3(database.handle(), sql.c_str(), -1,
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  handle_.reset(handle);
  if (result != SQLITE_OK) database.fail();
}

void Statement::bind(int parameter, std::nullopt_t) { sqlite3_bind_null(handle_.get(), parameter); }

void Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), parameter, value);
}

void Statement::bind(int parameter, double value) {
  sqlite3_bind_double(handle_.get(), parameter, value);
}

void Statement::bind(int parameter, std::string_view value) {
  sqlite3_bind_text64(handle_.get(), parameter, value.data(), value.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
}

bool Statement::step() {
  const int result = sqlite3_step(handle_.get());
  if (result == SQLITE_ROW) return true;
  // Resetting repeats the error code, so the message is still there for fail().
  if (sqlite3_reset(handle_.get()) != SQLITE_OK || result != SQLITE_DONE) database_->fail();
  return false;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

double Statement::real(int column) const { return sqlite3_column_double(handle_.get(), column); }

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return text == nullptr ? "" : std::string(text, static_cast<std::size_t>(size));
}

}  // namespace thimble::sqlite
