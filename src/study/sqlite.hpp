#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::sqlite {

/// An open database. All failures become errors of thimble: what concerns the content (no database,
/// damaged) is a ConfigError, what concerns the world (disk full, no permission, locked by a
/// foreign program) a DataError; both name the file.
class Database {
 public:
  enum class Mode { kReadOnly, kReadWrite, kCreate };

  Database(std::string path, Mode mode);

  /// Runs statements that return no rows, or whose rows do not matter.
  void run(const std::string& statements);
  /// The first column of the only row of a query, as a whole number.
  std::int64_t number(const std::string& query);

  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return path_; }

  [[noreturn]] void fail() const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };

  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement: bind, step through the rows, and it is ready for the next use.
/// Parameters are numbered from 1, columns from 0, as in SQLite.
class Statement {
 public:
  Statement(Database& database, const std::string& sql);

  void bind(int parameter, std::nullopt_t);
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, double value);
  void bind(int parameter, std::string_view value);
  template <class T>
  void bind(int parameter, const std::optional<T>& value) {
    value ? bind(parameter, *value) : bind(parameter, std::nullopt);
  }

  /// True when there is a row to look at; false, and reset, at the end.
  bool step();
  /// For statements without rows.
  void run() {
    while (step()) {
    }
  }
  /// Gives up the rows that are left.
  void reset() { sqlite3_reset(handle_.get()); }

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };

  Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// All or nothing: undone unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {
    database_.run("BEGIN IMMEDIATE");
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    // A full disk may have ended the transaction already; then there is nothing to undo.
    if (sqlite3_get_autocommit(database_.handle()) == 0) {
      sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
  }

  void commit() { database_.run("COMMIT"); }

 private:
  Database& database_;
};

}  // namespace thimble::sqlite
