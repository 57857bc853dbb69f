# SPDX-License-Identifier: Apache-2.0
# Finds librdkafka, for which Debian has no CMake package. Makes the target RdKafka::rdkafka and sets
# RdKafka_FOUND and RdKafka_VERSION.
find_path(RdKafka_INCLUDE_DIR librdkafka/rdkafka.h)
find_library(RdKafka_LIBRARY rdkafka)

if(RdKafka_INCLUDE_DIR)
  # RD_KAFKA_VERSION is 0xMMmmrrxx; xx is 0xff for a release.
  file(STRINGS "${RdKafka_INCLUDE_DIR}/librdkafka/rdkafka.h" RdKafka_version_line
       REGEX "define RD_KAFKA_VERSION +0x[0-9a-fA-F]+")
  if(RdKafka_version_line MATCHES "0x(..)(..)(..)")
    math(EXPR RdKafka_major "0x${CMAKE_MATCH_1}")
    math(EXPR RdKafka_minor "0x${CMAKE_MATCH_2}")
    math(EXPR RdKafka_patch "0x${CMAKE_MATCH_3}")
    set(RdKafka_VERSION ${RdKafka_major}.${RdKafka_minor}.${RdKafka_patch})
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RdKafka
  REQUIRED_VARS RdKafka_LIBRARY RdKafka_INCLUDE_DIR
  VERSION_VAR RdKafka_VERSION)

if(RdKafka_FOUND AND NOT TARGET RdKafka::rdkafka)
  add_library(RdKafka::rdkafka UNKNOWN IMPORTED)
  set_target_properties(RdKafka::rdkafka PROPERTIES
    IMPORTED_LOCATION "${RdKafka_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${RdKafka_INCLUDE_DIR}")
endif()
mark_as_advanced(RdKafka_INCLUDE_DIR RdKafka_LIBRARY)
