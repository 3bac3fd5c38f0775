# dibs_add_schema(DIRECTORY <folder> [TARGET <name>] [OUTPUT <file>]
#                 [LINK_LIBRARIES <library>...] [INCLUDE_DIRECTORIES <folder>...])
#
# Builds all .cpp files in DIRECTORY into one shared library, as part of `all`: the schema that their structs declare.
# Files that come and go are seen by the next build.
#
# DIRECTORY            the sources, which include <dibs/schema.hpp>; a relative path starts at CMAKE_CURRENT_SOURCE_DIR
# TARGET               builds it; default dibs_<last part of DIRECTORY>
# OUTPUT               the library, without a folder per configuration; a relative path starts at
#                      CMAKE_CURRENT_BINARY_DIR. Default ${CMAKE_BINARY_DIR}/<last part of DIRECTORY>.so
# LINK_LIBRARIES       what the sources call, as target_link_libraries() takes it
# INCLUDE_DIRECTORIES  relative paths start at CMAKE_CURRENT_SOURCE_DIR
#
# DIBS_PRECOMPILED_HEADER=OFF compiles <dibs/schema.hpp> with every source.
# The compiler, its flags, the build type, sanitizers and the C++ standard (20 at least) are the project's own.

cmake_policy(VERSION 3.25)
include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/dibs_add_migrations.cmake")

function(dibs_add_schema)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "DIRECTORY;TARGET;OUTPUT" "LINK_LIBRARIES;INCLUDE_DIRECTORIES")
  _dibs_check_call("DIRECTORY, TARGET, OUTPUT, LINK_LIBRARIES and INCLUDE_DIRECTORIES" "schema")
  _dibs_check_compiler()
  _dibs_source_directory()

  if(NOT DEFINED arg_OUTPUT)
    set(arg_OUTPUT "${CMAKE_BINARY_DIR}/${folder}.so")
  endif()
  cmake_path(ABSOLUTE_PATH arg_OUTPUT BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE OUTPUT_VARIABLE output)
  if(NOT output MATCHES "\\.so$")
    message(FATAL_ERROR "dibs_add_schema: OUTPUT ${arg_OUTPUT} is a file that ends in .so")
  endif()
  if(NOT DEFINED arg_TARGET)
    string(MAKE_C_IDENTIFIER "${folder}" arg_TARGET)
    set(arg_TARGET "dibs_${arg_TARGET}")
  endif()
  if(TARGET ${arg_TARGET})
    message(FATAL_ERROR "dibs_add_schema: there is a target ${arg_TARGET} already; name another with TARGET")
  endif()
  _dibs_claim(dibs_add_schema OUTPUT "${output}" "builds")

  file(GLOB sources LIST_DIRECTORIES false CONFIGURE_DEPENDS "${source_directory}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/\\.[^/]*$") # editors leave such files
  _dibs_add_settings(${arg_TARGET}_settings schema.map)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${arg_TARGET}_settings INTERFACE -Werror=reorder-init-list) # as g++ has it
  endif()

  # The note and the function that dibs calls; the sources themselves are ordinary ones.
  string(MAKE_C_IDENTIFIER "${folder}" folder)
  set(entry "${CMAKE_CURRENT_BINARY_DIR}/${arg_TARGET}_library.cpp")
  file(CONFIGURE OUTPUT "${entry}" CONTENT "#include <dibs/schema_library.hpp>\n\nDIBS_SCHEMA_LIBRARY(\"@folder@\");\n"
       @ONLY)
  add_library(${arg_TARGET} MODULE ${sources} "${entry}")
  _dibs_set_properties(${arg_TARGET})
  cmake_path(GET output PARENT_PATH directory)
  cmake_path(GET output STEM LAST_ONLY name)
  _dibs_set_output(${arg_TARGET} "${directory}" "${name}")
  target_link_libraries(${arg_TARGET} PRIVATE ${arg_TARGET}_settings)
  if(DIBS_PRECOMPILED_HEADER)
    target_precompile_headers(${arg_TARGET} PRIVATE <dibs/schema.hpp>)
  endif()
endfunction()
