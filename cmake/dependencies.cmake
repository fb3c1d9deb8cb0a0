# Debian 12 has all of these; tools/setup.sh installs them. All stay inside .cpp files and private
# headers: who includes prodigest needs none of them.
include(${CMAKE_CURRENT_LIST_DIR}/linked_libraries.cmake)
find_package(Threads REQUIRED)
find_package(FastFloat REQUIRED)
find_package(nlohmann_json REQUIRED)
find_path(PRODIGEST_EIGEN_DIR Eigen/Core PATH_SUFFIXES eigen3 REQUIRED)
find_path(PRODIGEST_RANDOM123_DIR Random123/philox.h REQUIRED)

# The pthread build and no other: Debian's serial OpenBLAS gives wrong products when called from
# several threads. It is named by its own folder, past what the alternatives system points to.
find_library(PRODIGEST_OPENBLAS openblas PATH_SUFFIXES openblas-pthread REQUIRED)
find_path(PRODIGEST_CBLAS_DIR cblas.h PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread
          openblas-pthread REQUIRED)
