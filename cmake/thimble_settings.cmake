# What every target of the project is compiled with; reaches no consumer.
add_library(thimble_settings INTERFACE)
target_compile_features(thimble_settings INTERFACE cxx_std_20)
target_compile_options(thimble_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  # Options and operators are aggregates with defaults: naming some members is the point of them.
  -Wno-missing-field-initializers
  # Results must not depend on where the compiler finds a multiply and an add to fuse.
  -ffp-contract=off)
target_compile_definitions(thimble_settings INTERFACE $<$<CONFIG:Release>:THIMBLE_RELEASE>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these on std::variant, std::vector and fmt at -O3 where nothing is wrong (GCC bugs 105562, 105593).
  target_compile_options(thimble_settings INTERFACE
    -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict)
endif()
if(THIMBLE_SANITIZE)
  add_compile_options(-fsanitize=${THIMBLE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${THIMBLE_SANITIZE})
endif()
if(THIMBLE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "THIMBLE_FUZZ = ON: needs clang: cmake --preset fuzz")
  endif()
  # Tells the fuzzer which branches an input takes.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_program(CCACHE ccache)
if(CCACHE)
  # The tests' precompiled headers are beyond it otherwise.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
