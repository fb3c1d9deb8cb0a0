# One object library a folder, each linked against the floors below it, gathered in
# prodigest::prodigest. tests/<folder> links the same objects, so a folder is tested alone.
add_library(prodigest)
add_library(prodigest::prodigest ALIAS prodigest)
target_include_directories(prodigest PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
target_compile_features(prodigest PUBLIC cxx_std_20)
set_target_properties(prodigest PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_link_libraries(prodigest PRIVATE $<BUILD_INTERFACE:prodigest_compiler>)

# LIBRARIES are linked; HEADER_ONLY ones are only compiled with, so that who uses an installed
# static prodigest need not have them.
function(prodigest_folder name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;HEADER_ONLY;INCLUDES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  set(target prodigest_${name})
  if(NOT sources)
    add_library(${target} INTERFACE)
    return()
  endif()
  add_library(${target} OBJECT ${sources})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_include_directories(${target} SYSTEM PRIVATE ${ARG_INCLUDES})
  target_link_libraries(${target} PUBLIC prodigest_compiler ${ARG_LIBRARIES} ${ARG_HEADER_ONLY})
  target_sources(prodigest PRIVATE $<TARGET_OBJECTS:${target}>)
  foreach(library IN LISTS ARG_LIBRARIES)
    target_link_libraries(prodigest PRIVATE ${library})
  endforeach()
endfunction()

prodigest_folder(base LIBRARIES fmt::fmt)
prodigest_folder(core
  LIBRARIES fmt::fmt TBB::tbb hwy::hwy PkgConfig::xxhash PkgConfig::utf8proc ${PRODIGEST_OPENBLAS}
  INCLUDES ${PRODIGEST_RANDOM123_DIR} ${PRODIGEST_CBLAS_DIR} ${PRODIGEST_EIGEN_DIR})
prodigest_folder(io
  LIBRARIES fmt::fmt ZLIB::ZLIB PkgConfig::libzip PkgConfig::utf8proc
  HEADER_ONLY nlohmann_json::nlohmann_json FastFloat::fast_float)
prodigest_folder(coding LIBRARIES fmt::fmt TBB::tbb hwy::hwy)
prodigest_folder(sampling LIBRARIES fmt::fmt TBB::tbb INCLUDES ${PRODIGEST_EIGEN_DIR})
prodigest_folder(linear LIBRARIES fmt::fmt TBB::tbb)
prodigest_folder(lattice LIBRARIES fmt::fmt TBB::tbb PkgConfig::xxhash)
prodigest_folder(attention LIBRARIES fmt::fmt TBB::tbb hwy::hwy INCLUDES ${PRODIGEST_EIGEN_DIR} ${PRODIGEST_CBLAS_DIR})
prodigest_folder(kernel LIBRARIES fmt::fmt TBB::tbb hwy::hwy INCLUDES ${PRODIGEST_EIGEN_DIR} ${PRODIGEST_CBLAS_DIR})
prodigest_folder(digest LIBRARIES fmt::fmt)
prodigest_folder(regression LIBRARIES fmt::fmt TBB::tbb INCLUDES ${PRODIGEST_EIGEN_DIR})
prodigest_folder(compare LIBRARIES fmt::fmt TBB::tbb)
