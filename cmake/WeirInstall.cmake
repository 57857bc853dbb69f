# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Installs every component that weir_component() made, its headers and its package files.
function(weir_install)
  get_property(components GLOBAL PROPERTY WEIR_COMPONENTS)
  set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/weir")
  set(weir_static ON)
  if(BUILD_SHARED_LIBS)
    set(weir_static OFF)
  endif()

  set(absent)
  foreach(header IN ITEMS json kafka rocksdb testing)
    if(NOT header IN_LIST components)
      list(APPEND absent PATTERN ${header}.hpp EXCLUDE)
    endif()
  endforeach()
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/weir" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
          FILES_MATCHING PATTERN "*.hpp" ${absent})

  foreach(component IN LISTS components)
    install(TARGETS weir_${component} EXPORT weir-${component}
            ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
            LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    install(EXPORT weir-${component} NAMESPACE weir:: DESTINATION "${package_dir}")
    weir_install_pc(${component})
  endforeach()

  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/weirConfig.cmake.in"
                                "${PROJECT_BINARY_DIR}/weirConfig.cmake"
                                INSTALL_DESTINATION "${package_dir}")
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/weirConfigVersion.cmake"
                                   COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/weirConfig.cmake"
                "${PROJECT_BINARY_DIR}/weirConfigVersion.cmake"
                "${PROJECT_SOURCE_DIR}/cmake/FindRdKafka.cmake"
          DESTINATION "${package_dir}")
endfunction()

# Installs weir-<component>.pc. It finds its prefix from where it lies.
function(weir_install_pc component)
  set(target weir_${component})
  get_target_property(requires ${target} WEIR_PC_PUBLIC)
  get_target_property(type ${target} TYPE)
  set(cflags)
  set(libs)
  if(component STREQUAL "core")
    set(cflags -pthread)
    set(libs -pthread)
  endif()
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    list(PREPEND libs -l${target})
  endif()
  if(type STREQUAL "STATIC_LIBRARY")
    # A static library cannot bring what it links; so one command line serves both kinds.
    get_target_property(private ${target} WEIR_PC_PRIVATE)
    list(APPEND requires ${private})
    list(APPEND cflags -DWEIR_STATIC)
  endif()
  list(JOIN requires " " requires)
  list(JOIN cflags " " cflags)
  list(JOIN libs " " libs)
  file(RELATIVE_PATH prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/weir.pc.in"
                 "${PROJECT_BINARY_DIR}/weir-${component}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/weir-${component}.pc"
          DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()
