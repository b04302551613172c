#include "thimble/files/findings.hpp"

#include "thimble/core/error.hpp"

namespace thimble {

void Findings::add_broken(std::string_view complaint, bool strict) {
  if (strict) raise<DataError>("{}", complaint);
  ++broken;
  if (broken_files.size() < kListed) broken_files.emplace_back(complaint);
}

}  // namespace thimble
