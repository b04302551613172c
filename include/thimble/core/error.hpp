#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace thimble {

/// Bad input or a failing world. The text reads **place: subject = value: what would do** and fits
/// one line; `main` prints it and exits with code 2. What is merely an expected "no" is a value
/// instead.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An option, a configuration file, a device file or a study that does not hold together.
class ConfigError : public Error {
 public:
  using Error::Error;
};

/// A data set that is absent, truncated or not what its name says.
class DataError : public Error {
 public:
  using Error::Error;
};

/// A network that cannot exist or is not supported: the operator and its place are named.
class ModelError : public Error {
 public:
  using Error::Error;
};

/// Throws `E` with a formatted text.
template <class E, class... Args>
[[noreturn]] void raise(fmt::format_string<Args...> text, Args&&... args) {
  throw E(fmt::format(text, std::forward<Args>(args)...));
}

namespace detail {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

}  // namespace thimble

/// A bug, not bad input: stops the program with the place. On in every build but release.
#ifdef THIMBLE_RELEASE
#define THIMBLE_ASSERT(expression) static_cast<void>(sizeof(!(expression)))
#else
#define THIMBLE_ASSERT(expression) \
  ((expression) ? void(0) : ::thimble::detail::assertion_failed(#expression, __FILE__, __LINE__))
#endif
