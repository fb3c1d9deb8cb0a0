# Debian 12 has all of these; tools/setup.sh installs them. All but fmt, TBB and hwy stay inside .cpp files.
find_package(Threads REQUIRED)
find_package(TBB REQUIRED)
find_package(hwy CONFIG REQUIRED)
find_package(fmt REQUIRED)
find_package(FastFloat REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
find_path(PRODIGEST_EIGEN_DIR Eigen/Core PATH_SUFFIXES eigen3 REQUIRED)
find_path(PRODIGEST_RANDOM123_DIR Random123/philox.h REQUIRED)

# The pthread build and no other: Debian's serial OpenBLAS gives wrong products when called from
# several threads. It is named by its own folder, past what the alternatives system points to.
find_library(PRODIGEST_OPENBLAS openblas PATH_SUFFIXES openblas-pthread REQUIRED)
find_path(PRODIGEST_CBLAS_DIR cblas.h PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread
          openblas-pthread REQUIRED)
