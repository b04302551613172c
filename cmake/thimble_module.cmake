# thimble_module(NAME SOURCES … HEADERS … [PUBLIC …] [PRIVATE …])
# One library thimble::NAME out of src/NAME; HEADERS are relative to include/thimble/NAME and each must compile alone
# (target all_verify_interface_header_sets).
function(thimble_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE" ${ARGN})
  set(include ${PROJECT_SOURCE_DIR}/include)
  list(TRANSFORM ARG_HEADERS PREPEND ${include}/thimble/${name}/)
  add_library(thimble_${name} STATIC)
  add_library(thimble::${name} ALIAS thimble_${name})
  target_sources(thimble_${name} PRIVATE ${ARG_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${include} FILES ${ARG_HEADERS})
  set_target_properties(thimble_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_compile_features(thimble_${name} PUBLIC cxx_std_20)
  target_link_libraries(thimble_${name} PUBLIC ${ARG_PUBLIC}
    PRIVATE ${ARG_PRIVATE} $<BUILD_INTERFACE:thimble_settings>)
  # Highway includes these sources again for each instruction set, so none may lie together with others in one unit. Sanitizers
  # make them slow to compile: then for the instruction set of this machine alone, with the same roundings as everywhere.
  list(FILTER ARG_SOURCES EXCLUDE REGEX "^/")  # generated
  foreach(source IN LISTS ARG_SOURCES)
    file(STRINGS ${source} for_each_target REGEX "hwy/foreach_target.h")
    if(for_each_target)
      set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      if(THIMBLE_SANITIZE)
        set_source_files_properties(${source} PROPERTIES SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "-march=native;-ffp-contract=off")
      endif()
    endif()
  endforeach()
  # `make bench` compiles each source without, and alone, so that none comes to rely on what it does not include.
  if(TARGET thimble_library_headers)
    target_precompile_headers(thimble_${name} REUSE_FROM thimble_library_headers)
  endif()
endfunction()

# Most of the time to compile a test is other people's headers, and most of the rest optimisation that a test has no use for.
if(THIMBLE_SANITIZE)
  set(thimble_test_options -O0 -g1)
else()
  set(thimble_test_options -O1 -g1)
endif()
if(THIMBLE_BUILD_TESTS)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/test_headers.cpp CONTENT "int main() {}\n")
  add_library(thimble_library_headers STATIC EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/test_headers.cpp)
  target_link_libraries(thimble_library_headers PRIVATE
    fmt::fmt nlohmann_json::nlohmann_json thimble_settings)
  target_precompile_headers(thimble_library_headers PRIVATE
    <algorithm> <functional> <map> <string> <variant> <vector> <fmt/format.h>
    <nlohmann/json.hpp>)
  # What `make test` builds at full speed, and what it builds with sanitizers.
  add_custom_target(full_speed_tests)
  add_custom_target(unit_tests)
  add_executable(thimble_test_headers EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/test_headers.cpp)
  target_compile_options(thimble_test_headers PRIVATE ${thimble_test_options})
  target_link_libraries(thimble_test_headers PRIVATE
    GTest::gmock_main fmt::fmt nlohmann_json::nlohmann_json thimble_settings)
  target_precompile_headers(thimble_test_headers PRIVATE
    <algorithm> <filesystem> <functional> <map> <string> <variant> <vector>
    <fmt/format.h> <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp>)
endif()

# thimble_test(NAME SOURCES … [LINK …] [LABELS …])
# One GoogleTest program; its tests are found by running it after the build. LABELS default to `unit`: run with sanitizers.
# Those with any other label (program, judge, torch, slow, unit-and-full-speed) run at full speed.
function(thimble_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock_main thimble_settings)
  target_compile_options(${name} PRIVATE ${thimble_test_options})
  target_precompile_headers(${name} REUSE_FROM thimble_test_headers)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE THIMBLE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(ARG_LABELS MATCHES "unit")
    add_dependencies(unit_tests ${name})
  endif()
  if(NOT "${ARG_LABELS}" STREQUAL "unit")
    add_dependencies(full_speed_tests ${name})
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${name}. PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 600)
endfunction()
