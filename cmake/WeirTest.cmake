# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

if(WEIR_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# g++ 12 takes members with default initializers for uninitialized where it optimizes (its bug 105562).
function(weir_quiet_false_alarms target)
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endfunction()

# What every program of the project has: warnings, internal headers, weir::core.
function(weir_program target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE weir::core ${arg_LINK})
  weir_warnings(${target})
  weir_quiet_false_alarms(${target})
endfunction()

# weir_test(state SOURCES a_test.cpp b_test.cpp LINK weir::testing LABELS unit)
# One executable <name>_test of all files, a ctest entry <name>.<Suite>.<Test> for each test in it.
# LABELS: one or several of unit property sim integration compile package kafka; long when it is not
# for every run; threads when it is to run under the thread sanitizer, too. The target
# weir_<label>_tests builds all executables of a label.
# TIMEOUT: seconds per test, 60 unless given. MAIN: the sources bring their own main().
function(weir_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "MAIN" "TIMEOUT" "SOURCES;LINK;LABELS")
  if(NOT arg_SOURCES)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  set(target ${name}_test)
  add_executable(${target} ${arg_SOURCES})
  weir_program(${target} LINK ${arg_LINK} GTest::gtest GTest::gmock)
  if(NOT arg_MAIN)
    target_link_libraries(${target} PRIVATE GTest::gmock_main)
  endif()
  target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  target_precompile_headers(${target} REUSE_FROM weir_test_prelude)
  # The names are read when ctest starts: a build never runs a test program.
  gtest_discover_tests(${target} TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" PROPERTIES TIMEOUT ${arg_TIMEOUT})
  # Labels need a file of their own: gtest_discover_tests() loses lists on the way.
  set(labels_file "${CMAKE_CURRENT_BINARY_DIR}/${target}_labels.cmake")
  file(WRITE "${labels_file}"
    "if(${target}_TESTS)\n"
    "  set_tests_properties(\${${target}_TESTS} PROPERTIES LABELS \"${arg_LABELS}\")\n"
    "endif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${labels_file}")
  foreach(label IN LISTS arg_LABELS)
    weir_label_target(${label} ${target})
  endforeach()
endfunction()

# weir_kafka_test(source SOURCES a_test.cpp b_test.cpp LINK weir::kafka VERSIONS 4.3.0 3.9.2)
# Tests against a real broker, which they share: one executable kafka_<name>_test, and one ctest entry
# kafka.<name> for all in it; kafka.<name>.<version> on each version of Kafka where VERSIONS names
# them. Nothing else runs meanwhile. TIMEOUT: seconds for all together, 300 unless given.
function(weir_kafka_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LINK;VERSIONS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set(target kafka_${name}_test)
  add_executable(${target} ${arg_SOURCES})
  weir_program(${target} LINK ${arg_LINK} weir_kafka_broker)
  target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  target_precompile_headers(${target} REUSE_FROM weir_test_prelude)
  weir_label_target(kafka ${target})
  set(entries)
  foreach(version IN LISTS arg_VERSIONS)
    add_test(NAME kafka.${name}.${version} COMMAND ${target})
    set_property(TEST kafka.${name}.${version} PROPERTY ENVIRONMENT WEIR_KAFKA_VERSION=${version})
    list(APPEND entries kafka.${name}.${version})
  endforeach()
  if(NOT entries)
    add_test(NAME kafka.${name} COMMAND ${target})
    set(entries kafka.${name})
  endif()
  set_tests_properties(${entries} PROPERTIES LABELS kafka TIMEOUT ${arg_TIMEOUT} RUN_SERIAL TRUE
    SKIP_RETURN_CODE 77)
endfunction()

# weir_label_target(unit state_test): builds the target along with the others of that label.
function(weir_label_target label target)
  if(NOT TARGET weir_${label}_tests)
    add_custom_target(weir_${label}_tests)
  endif()
  add_dependencies(weir_${label}_tests ${target})
endfunction()

# weir_bench(state SOURCES state_bench.cpp LINK ...): an executable <name>_bench on Google Benchmark.
function(weir_bench name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  find_package(benchmark REQUIRED)
  add_executable(${name}_bench ${arg_SOURCES})
  weir_program(${name}_bench LINK ${arg_LINK} benchmark::benchmark)
endfunction()

# weir_example(word_count SOURCES word_count.cpp LINK weir::json): an executable <name>.
function(weir_example name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_executable(${name} ${arg_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE weir::core ${arg_LINK})
  weir_warnings(${name})
  weir_quiet_false_alarms(${name})
endfunction()

# weir_fuzz(codec SOURCES codec_fuzz.cpp): an executable <name>_fuzz, for the preset fuzz. The target
# weir_fuzz_tests builds them all.
function(weir_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_executable(${name}_fuzz ${arg_SOURCES})
  weir_program(${name}_fuzz LINK ${arg_LINK})
  target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  weir_label_target(fuzz ${name}_fuzz)
endfunction()
