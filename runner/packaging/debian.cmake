# `cpack -G DEB` makes two packages of a release build: dibs, to run migrations, and libdibs-dev, to write them.

foreach(package dibs libdibs-dev)
  set(component program)
  if(package STREQUAL "libdibs-dev")
    set(component dev)
  endif()
  install(FILES packaging/copyright ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz
          DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package} COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()
set(changelog ${CMAKE_CURRENT_SOURCE_DIR}/packaging/changelog)
file(STRINGS ${changelog} newest LIMIT_COUNT 1)
if(NOT newest MATCHES "^dibs \\(${PROJECT_VERSION}\\) ")
  message(FATAL_ERROR "${changelog} does not begin with version ${PROJECT_VERSION}")
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${changelog})
execute_process(COMMAND gzip -9 -n -c ${changelog} OUTPUT_FILE ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz
                COMMAND_ERROR_IS_FATAL ANY)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "The dibs project")
set(CPACK_COMPONENTS_ALL program dev)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own, the first line of its description
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_STRIP_FILES ON)
# Whatever the umask of whoever packs.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# The project has no address; .invalid is nobody's (RFC 2606). Whoever gives packages away sets their own.
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The dibs project <dibs@dibs.invalid>" CACHE STRING "Maintainer of Debian packages")
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

# The embedded server is for development: a machine that only migrates gets no server along.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME dibs)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "libdibs-dev, postgresql")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "PostgreSQL migrations written as C++ functions - program
dibs applies changes to the schema and the data of a PostgreSQL database.
Each change is a C++ function in a shared library of its own; it runs in a
transaction together with the row that records it, so that it is applied once
or not at all.
.
This package has the program, which finds the libraries, tells which are
pending, and applies them. libdibs-dev has what writing them needs.")

# What find_package(dibs) and dibs_add_migrations() ask for; and what dibs::runner is linked with, in the versions that
# the static library was compiled against: the names of its symbols change with them.
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libdibs-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(depends "g++ (>= 4:12) | clang (>= 1:14)" "cmake (>= 3.25)" "make | ninja-build" libpq-dev)
foreach(library "libfmt-dev;${fmt_VERSION};1" "libyaml-cpp-dev;${yaml-cpp_VERSION};2" "libssl-dev;${OPENSSL_VERSION};1")
  list(GET library 0 package)
  list(GET library 1 version)
  list(GET library 2 stable) # how many numbers of the version stay while old symbols do
  string(REGEX MATCHALL "[0-9]+" numbers "${version}")
  list(SUBLIST numbers 0 ${stable} numbers)
  list(JOIN numbers "." from)
  list(POP_BACK numbers last)
  math(EXPR last "${last} + 1")
  list(APPEND numbers ${last})
  list(JOIN numbers "." until)
  list(APPEND depends "${package} (>= ${from})" "${package} (<< ${until}~)")
endforeach()
list(JOIN depends ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "dibs (>= ${PROJECT_VERSION}), ninja-build, postgresql")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS mold)
set(CPACK_COMPONENT_DEV_DESCRIPTION
    "PostgreSQL migrations written as C++ functions - development files
dibs applies changes to the schema and the data of a PostgreSQL database.
Each change is a C++ function in a shared library of its own.
.
This package has what writing such functions needs: the headers, and the CMake
package with dibs_add_migrations(). For applications that migrate from their
own process it has the static library dibs::runner.")

if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_SOURCE_DIR}/packaging/refuse.cmake)
endif()
include(CPack)
