#include "memory_limit.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace thimble {

std::uintmax_t memory_limit() {
  auto limit = static_cast<std::uintmax_t>(::sysconf(_SC_PHYS_PAGES)) *
               static_cast<std::uintmax_t>(::sysconf(_SC_PAGESIZE));
  for (const auto resource : {RLIMIT_DATA, RLIMIT_AS}) {
    rlimit own{};
    if (::getrlimit(resource, &own) == 0 && own.rlim_cur != RLIM_INFINITY) {
      limit = std::min<std::uintmax_t>(limit, own.rlim_cur);
    }
  }
  // What a container sees of its own limit, in version 2 and 1; "max", or no file: no limit.
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::uintmax_t group = 0;
    if (std::ifstream(path) >> group) limit = std::min(limit, group);
  }
  return limit;
}

}  // namespace thimble
