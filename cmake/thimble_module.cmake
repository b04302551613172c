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
endfunction()

# thimble_test(NAME SOURCES … [LINK …] [LABELS …])
# One GoogleTest program; its tests are found by running it after the build. LABELS default to `unit`.
function(thimble_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock_main thimble_settings)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE THIMBLE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name} TEST_PREFIX ${name}. PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 600)
endfunction()
