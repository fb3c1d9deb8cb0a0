# What `cmake --install` puts down: the library with its headers, a CMake package, a pkg-config file,
# the command if it is built, and the demo tables.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The run path keeps the link path, since the plain libopenblas.so.0 may be the serial build.
set_target_properties(prodigest PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS prodigest EXPORT prodigest-targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/prodigest DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/data/packages
        DESTINATION ${CMAKE_INSTALL_DATADIR}/prodigest)

if(TARGET prodigest_cli)
  file(RELATIVE_PATH bin_to_lib ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(prodigest_cli PROPERTIES
    INSTALL_RPATH $ORIGIN/${bin_to_lib} INSTALL_RPATH_USE_LINK_PATH ON)
  install(TARGETS prodigest_cli)
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/prodigest)

# A static library hands what it is linked with on to its user, a shared one does not.
get_target_property(library_type prodigest TYPE)
if(library_type STREQUAL "STATIC_LIBRARY")
  install(FILES ${CMAKE_CURRENT_LIST_DIR}/linked_libraries.cmake DESTINATION ${package_dir})
  set(PRODIGEST_CONFIG_DEPENDENCIES
      "include(\${CMAKE_CURRENT_LIST_DIR}/linked_libraries.cmake)")
  set(PRODIGEST_PC_REQUIRES "fmt tbb libhwy zlib libzip libxxhash libutf8proc")
  cmake_path(GET PRODIGEST_OPENBLAS PARENT_PATH openblas_dir)
  set(PRODIGEST_PC_LIBS "-L${openblas_dir} -Wl,-rpath,${openblas_dir} -lopenblas")
endif()

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/prodigest-config.cmake.in ${PROJECT_BINARY_DIR}/prodigest-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/prodigest-config-version.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT prodigest-targets NAMESPACE prodigest:: DESTINATION ${package_dir})
install(FILES ${PROJECT_BINARY_DIR}/prodigest-config.cmake
              ${PROJECT_BINARY_DIR}/prodigest-config-version.cmake
        DESTINATION ${package_dir})

set(pc_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH PRODIGEST_PC_PREFIX ${pc_dir} ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/prodigest.pc.in ${PROJECT_BINARY_DIR}/prodigest.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/prodigest.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
