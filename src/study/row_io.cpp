#include "row_io.hpp"

#include <charconv>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

template <class Quantity>
std::optional<std::int64_t> count(const std::optional<Quantity>& quantity) {
  return quantity ? std::optional(quantity->value) : std::nullopt;
}

/// Reads the columns one after another.
class RowReader {
 public:
  RowReader(const sqlite::Statement& statement, const std::string& place)
      : statement_(statement), place_(place) {}

  std::int64_t integer() { return statement_.integer(column_++); }
  std::string text() { return statement_.text(column_++); }

  template <class T>
  std::optional<T> optional_count() {
    if (statement_.is_null(column_)) return skip();
    return T(integer());
  }

  std::optional<double> optional_real() {
    if (statement_.is_null(column_)) return skip();
    return statement_.real(column_++);
  }

  Json document(std::string_view name) { return parse_json(text(), where(name)); }

  std::uint64_t hash() {
    const std::string digits = text();
    std::uint64_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value, 16);
    if (read.ec != std::errc{} || read.ptr != end) {
      raise<ConfigError>("{} = \"{}\": must be a hexadecimal number", where("hash"), digits);
    }
    return value;
  }

  TrialStatus status() {
    const std::string name = text();
    const auto found = parse_trial_status(name);
    if (!found) raise<ConfigError>("{} = \"{}\": is no status", where("status"), name);
    return *found;
  }

 private:
  std::nullopt_t skip() {
    ++column_;
    return std::nullopt;
  }

  std::string where(std::string_view column) const {
    return fmt::format("{}: trials[{}].{}", place_, statement_.integer(0), column);
  }

  const sqlite::Statement& statement_;
  const std::string& place_;
  int column_ = 0;
};

}  // namespace

std::string text_of(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void bind_row(sqlite::Statement& statement, const TrialRow& row) {
  int parameter = 0;
  const auto bind = [&](const auto& value) { statement.bind(++parameter, value); };
  bind(row.id);
  bind(row.slot);
  bind(row.parent);
  bind(std::string_view(text_of(row.genotype)));
  bind(std::string_view(fmt::format("{:016x}", row.hash)));
  bind(to_string(row.status));
  bind(std::string_view(row.reason));
  bind(count(row.ram));
  bind(count(row.flash));
  bind(count(row.macs));
  bind(row.params);
  bind(row.val_accuracy);
  bind(row.float_accuracy);
  bind(row.seconds);
  bind(std::string_view(text_of(row.extra)));
}

// The members are listed in the order of the columns, and braces are evaluated from left to right.
TrialRow read_row(const sqlite::Statement& statement, const std::string& place) {
  RowReader read(statement, place);
  return {.id = read.integer(),
          .slot = read.integer(),
          .parent = read.optional_count<std::int64_t>(),
          .genotype = read.document("genotype"),
          .hash = read.hash(),
          .status = read.status(),
          .reason = read.text(),
          .ram = read.optional_count<Bytes>(),
          .flash = read.optional_count<Bytes>(),
          .macs = read.optional_count<Macs>(),
          .params = read.optional_count<std::int64_t>(),
          .val_accuracy = read.optional_real(),
          .float_accuracy = read.optional_real(),
          .seconds = read.optional_real(),
          .extra = read.document("extra")};
}

}  // namespace thimble
