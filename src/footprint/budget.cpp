#include "thimble/footprint/budget.hpp"

#include <fmt/format.h>

namespace thimble {
namespace {

template <class Quantity>
std::optional<Violation> check(const char* bound, Quantity used, std::optional<Quantity> allowed) {
  if (!allowed || used <= *allowed) return std::nullopt;
  return Violation{.bound = bound, .used = used.value, .allowed = allowed->value};
}

}  // namespace

std::optional<Violation> first_violation(const Usage& usage, const Budget& budget) {
  if (auto violation = check("ram", usage.ram, budget.ram)) return violation;
  if (auto violation = check("flash", usage.flash, budget.flash)) return violation;
  return check("macs", usage.macs, budget.macs);
}

std::string describe(const Violation& violation) {
  const auto show = [&](std::int64_t count) {
    return violation.bound == "macs" ? format(Macs(count)) : format(Bytes(count));
  };
  return fmt::format("{} {} > {} (over by {})", violation.bound, show(violation.used),
                     show(violation.allowed), show(violation.used - violation.allowed));
}

}  // namespace thimble
