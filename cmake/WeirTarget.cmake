# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

# weir_sources(core bytes.cpp log.cpp)
# Adds files of the calling folder to a component. The component is made when all folders are read.
function(weir_sources component)
  foreach(source IN LISTS ARGN)
    set_property(GLOBAL APPEND PROPERTY WEIR_SOURCES_${component}
                 "${CMAKE_CURRENT_SOURCE_DIR}/${source}")
  endforeach()
endfunction()

# weir_component(rocksdb SOURCES ... LINK_PUBLIC weir_core LINK_PRIVATE ... NEEDS RocksDB
#                PC_PUBLIC weir-core PC_PRIVATE rocksdb)
# Makes the library weir_<name> with the alias weir::<name>, and marks it for export and install.
# Its sources are those given here and those of weir_sources(). NEEDS names packages; without one
# of them the component is dropped. PC_*: the pkg-config modules that stand for what it links.
function(weir_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" ""
    "SOURCES;LINK_PUBLIC;LINK_PRIVATE;NEEDS;PC_PUBLIC;PC_PRIVATE")
  foreach(package IN LISTS arg_NEEDS)
    if(NOT ${package}_FOUND)
      message(WARNING "weir::${name} is dropped: the package ${package} was not found")
      return()
    endif()
  endforeach()

  get_property(sources GLOBAL PROPERTY WEIR_SOURCES_${name})
  list(APPEND sources ${arg_SOURCES})
  set(target weir_${name})
  if(sources)
    add_library(${target} ${sources})
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
    target_include_directories(${target} SYSTEM PRIVATE "${WEIR_XXHASH_INCLUDE_DIR}")
    target_link_libraries(${target} PUBLIC ${arg_LINK_PUBLIC} PRIVATE ${arg_LINK_PRIVATE})
    weir_warnings(${target})
    set_target_properties(${target} PROPERTIES
      CXX_VISIBILITY_PRESET hidden
      VISIBILITY_INLINES_HIDDEN ON
      POSITION_INDEPENDENT_CODE ON
      INSTALL_RPATH "\$ORIGIN"
      VERSION ${PROJECT_VERSION}
      SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    if(BUILD_SHARED_LIBS)
      target_link_options(${target} PRIVATE -Wl,--no-undefined)
    else()
      target_compile_definitions(${target} PUBLIC WEIR_STATIC)
    endif()
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)  # Headers only, as long as no folder lists a source.
    target_link_libraries(${target} INTERFACE ${arg_LINK_PUBLIC})
    set(scope INTERFACE)
  endif()
  add_library(weir::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope}
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  set_property(GLOBAL APPEND PROPERTY WEIR_COMPONENTS ${name})
  set_target_properties(${target} PROPERTIES
    WEIR_PC_PUBLIC "${arg_PC_PUBLIC}" WEIR_PC_PRIVATE "${arg_PC_PRIVATE}")
endfunction()

# The warnings of our own code; never handed on to users.
function(weir_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wconversion -Wshadow $<$<BOOL:${WEIR_WERROR}>:-Werror>
    # g++ 12 sees overlaps in std::string that are not there (its bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()

# Compiles through ccache where it is installed, unless the caller chose a launcher.
function(weir_use_ccache)
  find_program(WEIR_CCACHE ccache)
  if(WEIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Presets build in different folders: they share what does not depend on the folder.
    # The sloppiness is what precompiled headers need.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${WEIR_CCACHE} PARENT_SCOPE)
  endif()
endfunction()
