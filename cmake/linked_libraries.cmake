# The libraries that prodigest is linked with. The package of an installed static prodigest includes
# this file as well, so the list stands here only.
find_package(TBB REQUIRED)
find_package(hwy CONFIG REQUIRED)
find_package(fmt REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
