#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "thimble/core/error.hpp"

namespace thimble::tflite {

/// Where in a file something is wrong: `net.tflite: operator 3 ADD: input 1`.
class FilePlace {
 public:
  explicit FilePlace(std::string text) : text_(std::move(text)) {}

  FilePlace at(std::string_view part) const {
    return FilePlace(fmt::format("{}: {}", text_, part));
  }

  template <class... Args>
  [[noreturn]] void reject(fmt::format_string<Args...> text, Args&&... args) const {
    raise<ModelError>("{}: {}", text_, fmt::format(text, std::forward<Args>(args)...));
  }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace thimble::tflite
