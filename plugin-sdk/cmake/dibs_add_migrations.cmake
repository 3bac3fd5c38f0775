# dibs_add_migrations(DIRECTORY <folder> [TARGET <name>] [OUTPUT_DIRECTORY <folder>]
#                     [LINK_LIBRARIES <library>...] [INCLUDE_DIRECTORIES <folder>...])
#
# Builds each m<YYYY>_<MM>_<DD>_<HHMMSS>_<name>.cpp in DIRECTORY into a shared library of that name, as part of `all`.
# Files that come and go are seen by the next build; the library of a source that is gone is removed.
#
# DIRECTORY            the sources; a relative path starts at CMAKE_CURRENT_SOURCE_DIR
# TARGET               builds all of them; default dibs_<last part of DIRECTORY>. Each library has a target of its own,
#                      <TARGET>_<name of the source>
# OUTPUT_DIRECTORY     the libraries, without a folder per configuration; a relative path starts at
#                      CMAKE_CURRENT_BINARY_DIR. Default ${CMAKE_BINARY_DIR}/<last part of DIRECTORY>
# LINK_LIBRARIES       what the migrations call, as target_link_libraries() takes it
# INCLUDE_DIRECTORIES  relative paths start at CMAKE_CURRENT_SOURCE_DIR
#
# The compiler, its flags, the build type, sanitizers and the C++ standard (20 at least) are the project's own.
# Where mold is installed it links, unless the project chooses a linker (-fuse-ld=); DIBS_MOLD=OFF keeps it out.
# DIBS_PRECOMPILED_HEADER=OFF compiles <dibs/migration.hpp> with every source, at three times the cost.

cmake_policy(VERSION 3.25)
include_guard(GLOBAL)
include(CheckSourceCompiles)

option(DIBS_PRECOMPILED_HEADER "Compile <dibs/migration.hpp> once for all migrations of a folder" ON)

function(dibs_add_migrations)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "DIRECTORY;TARGET;OUTPUT_DIRECTORY" "LINK_LIBRARIES;INCLUDE_DIRECTORIES")
  _dibs_check_call("DIRECTORY, TARGET, OUTPUT_DIRECTORY, LINK_LIBRARIES and INCLUDE_DIRECTORIES" "migrations")
  _dibs_check_compiler()

  _dibs_source_directory()

  if(NOT DEFINED arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/${folder}")
  endif()
  cmake_path(ABSOLUTE_PATH arg_OUTPUT_DIRECTORY BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE OUTPUT_VARIABLE
             output_directory)
  string(REGEX REPLACE "(.)/$" "\\1" output_directory "${output_directory}")

  if(NOT DEFINED arg_TARGET)
    string(MAKE_C_IDENTIFIER "${folder}" arg_TARGET)
    set(arg_TARGET "dibs_${arg_TARGET}")
  endif()
  _dibs_claim(dibs_add_migrations DIRECTORY "${source_directory}" "builds the migrations of")
  _dibs_claim(dibs_add_migrations OUTPUT_DIRECTORY "${output_directory}" "puts its libraries into")
  if(TARGET ${arg_TARGET})
    message(FATAL_ERROR "dibs_add_migrations: there is a target ${arg_TARGET} already; name another with TARGET")
  endif()

  _dibs_sources("${source_directory}" sources)
  add_custom_target(${arg_TARGET} ALL)
  _dibs_add_settings(${arg_TARGET}_settings migration.map)
  _dibs_add_migration_flags(${arg_TARGET}_settings)

  set(header_target)
  if(DIBS_PRECOMPILED_HEADER AND sources)
    set(header_target ${arg_TARGET}_header)
    _dibs_add_header(${header_target})
  endif()

  foreach(source IN LISTS sources)
    cmake_path(GET source STEM LAST_ONLY name)
    set(library ${arg_TARGET}_${name})
    add_library(${library} MODULE "${source}")
    _dibs_set_properties(${library})
    _dibs_set_output(${library} "${output_directory}" ${name})
    target_link_libraries(${library} PRIVATE ${arg_TARGET}_settings)
    if(header_target)
      target_precompile_headers(${library} REUSE_FROM ${header_target})
    endif()
    add_dependencies(${arg_TARGET} ${library})
    set_property(GLOBAL APPEND PROPERTY _DIBS_LIBRARIES "${output_directory}/${name}.so")
  endforeach()
endfunction()

# usage: _dibs_check_call(<all arguments there are> <a folder for example>), in the function that is called
macro(_dibs_check_call arguments folder)
  foreach(argument IN LISTS arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${CMAKE_CURRENT_FUNCTION}: unknown argument \"${argument}\"; it takes ${arguments}")
  endforeach()
  foreach(argument IN LISTS arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "${CMAKE_CURRENT_FUNCTION}: ${argument} has no value")
  endforeach()
  if(NOT DEFINED arg_DIRECTORY)
    message(FATAL_ERROR "${CMAKE_CURRENT_FUNCTION}: DIRECTORY is missing, as in "
                        "${CMAKE_CURRENT_FUNCTION}(DIRECTORY ${folder})")
  endif()
  if(NOT TARGET dibs::sdk)
    message(FATAL_ERROR "${CMAKE_CURRENT_FUNCTION}: the target dibs::sdk is not known here; call find_package(dibs "
                        "REQUIRED) or add_subdirectory() of dibs in this folder or above it")
  endif()
endmacro()

# Sets source_directory, absolute, and folder, its last part.
macro(_dibs_source_directory)
  cmake_path(ABSOLUTE_PATH arg_DIRECTORY NORMALIZE OUTPUT_VARIABLE source_directory)
  string(REGEX REPLACE "(.)/$" "\\1" source_directory "${source_directory}")
  if(NOT IS_DIRECTORY "${source_directory}")
    message(FATAL_ERROR "${CMAKE_CURRENT_FUNCTION}: DIRECTORY ${source_directory} is not a folder")
  endif()
  cmake_path(GET source_directory FILENAME folder)
endmacro()

# g++ 12 is the first with __FILE_NAME__, clang 14 the oldest that is tested.
macro(_dibs_check_compiler)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(oldest 12)
  elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    set(oldest 14)
  else()
    message(FATAL_ERROR "${CMAKE_CURRENT_FUNCTION}: needs g++ or clang++, and the C++ compiler of this project is "
                        "\"${CMAKE_CXX_COMPILER_ID}\"")
  endif()
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS oldest)
    message(FATAL_ERROR "${CMAKE_CURRENT_FUNCTION}: needs g++ 12 or clang++ 14, or a newer one; ${CMAKE_CXX_COMPILER} is "
                        "version ${CMAKE_CXX_COMPILER_VERSION}")
  endif()
endmacro()

# Two calls for one folder would build into each other's files.
function(_dibs_claim caller argument path does)
  string(SHA256 key "${path}")
  get_property(owner GLOBAL PROPERTY _DIBS_${argument}_${key})
  if(owner)
    message(FATAL_ERROR "${caller}: the call in ${owner} ${does} ${path} already; a second call needs "
                        "another ${argument}")
  endif()
  set_property(GLOBAL PROPERTY _DIBS_${argument}_${key} "${CMAKE_CURRENT_LIST_FILE}")
endfunction()

# The migrations among the folder's files, sorted.
function(_dibs_sources directory result)
  file(GLOB files LIST_DIRECTORIES false CONFIGURE_DEPENDS "${directory}/*.cpp")
  set(sources)
  foreach(file IN LISTS files)
    cmake_path(GET file FILENAME name)
    set(d "[0-9]")
    if(name MATCHES "^m${d}${d}${d}${d}_${d}${d}_${d}${d}_${d}${d}${d}${d}${d}${d}_[A-Za-z0-9_]+\\.cpp$")
      list(APPEND sources "${file}")
    elseif(NOT name MATCHES "^\\.") # editors leave such files
      message(WARNING "dibs_add_migrations: ${file} is not named like a migration, "
                      "m<YYYY>_<MM>_<DD>_<HHMMSS>_<name>.cpp with a name of letters, digits and _; it is not built")
    endif()
  endforeach()
  set(${result} "${sources}" PARENT_SCOPE)
endfunction()

# What every file of a call is compiled and linked with.
# map: the linker's list of what the library shows
function(_dibs_add_settings target map)
  add_library(${target} INTERFACE)
  target_link_libraries(${target} INTERFACE dibs::sdk ${arg_LINK_LIBRARIES})
  target_include_directories(${target} INTERFACE ${arg_INCLUDE_DIRECTORIES})
  target_include_directories(${target} SYSTEM INTERFACE $<TARGET_PROPERTY:dibs::sdk,INTERFACE_INCLUDE_DIRECTORIES>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} INTERFACE -fno-gnu-unique)
  endif()
  # An optimizer that sees the whole program would lose the source: it is not in the text that the linker compiles.
  target_compile_options(${target} INTERFACE -fno-lto)

  _dibs_quote("${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${map}" quoted_map)
  target_link_options(
    ${target} INTERFACE -fno-lto -Wl,--as-needed "SHELL:-Xlinker --version-script -Xlinker ${quoted_map}")
  # Most of a link is reading the C++ library, which takes mold a third of the time.
  find_program(DIBS_MOLD ld.mold DOC "Links migrations when it is there; OFF: the compiler's own linker does")
  get_property(chosen DIRECTORY PROPERTY LINK_OPTIONS)
  string(APPEND chosen " ${CMAKE_MODULE_LINKER_FLAGS} ${CMAKE_CXX_FLAGS}")
  if(DIBS_MOLD AND NOT CMAKE_LINKER_TYPE AND NOT "${chosen}" MATCHES "-fuse-ld=")
    set(CMAKE_REQUIRED_LINK_OPTIONS -fuse-ld=mold)
    set(CMAKE_REQUIRED_QUIET ON)
    check_source_compiles(CXX "int main() { return 0; }" DIBS_COMPILER_KNOWS_MOLD)
    if(DIBS_COMPILER_KNOWS_MOLD)
      target_link_options(${target} INTERFACE -fuse-ld=mold)
    endif()
  endif()

  # 6 KB instead of 14, and two segments to map instead of four: loading takes 35 us instead of 50. gold
  # has no such option.
  get_property(CMAKE_REQUIRED_LINK_OPTIONS DIRECTORY PROPERTY LINK_OPTIONS)
  list(APPEND CMAKE_REQUIRED_LINK_OPTIONS "SHELL:${CMAKE_MODULE_LINKER_FLAGS}" -Wl,-z,noseparate-code)
  set(CMAKE_REQUIRED_QUIET ON)
  check_source_compiles(CXX "int main() { return 0; }" DIBS_LINKER_KNOWS_NOSEPARATE_CODE)
  if(DIBS_LINKER_KNOWS_NOSEPARATE_CODE)
    target_link_options(${target} INTERFACE -Wl,-z,noseparate-code)
  endif()
  # clang++ leaves the sanitizer's functions undefined in a library: the program has them.
  set(sanitized "$<BOOL:$<FILTER:$<TARGET_PROPERTY:COMPILE_OPTIONS>,INCLUDE,-fsanitize=>>")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(sanitized 0)
  elseif("${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize=")
    set(sanitized 1)
  endif()
  target_link_options(${target} INTERFACE $<$<NOT:${sanitized}>:-Wl,-z,defs>)
endfunction()

# Errors, because they are how migrate() or rollback() with another signature or in another namespace, and options of
# another type or in another order, show themselves.
# DIBS_MIGRATION() embeds the source by its base name. Of g++ the assembler looks for it, of clang++ the compiler.
function(_dibs_add_migration_flags target)
  _dibs_quote("${source_directory}" quoted_source)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(
      ${target} INTERFACE -Werror=missing-declarations -Werror=unused-function -Werror=narrowing
                          "SHELL:-Xassembler -I -Xassembler ${quoted_source}")
  else()
    target_compile_options(${target} INTERFACE -Werror=missing-prototypes -Werror=unused-function
                                               -Werror=reorder-init-list "SHELL:-iquote ${quoted_source}")
  endif()
endfunction()

# A path as one word of a SHELL: option.
function(_dibs_quote path result)
  string(REGEX REPLACE "([\\\\\"])" "\\\\\\1" path "${path}")
  set(${result} "\"${path}\"" PARENT_SCOPE)
endfunction()

# Compiled once, with the very flags of the libraries that use it: a precompiled header is refused otherwise.
function(_dibs_add_header target)
  set(nothing "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp")
  file(CONFIGURE OUTPUT "${nothing}" CONTENT "")
  add_library(${target} OBJECT "${nothing}")
  _dibs_set_properties(${target})
  target_link_libraries(${target} PRIVATE ${arg_TARGET}_settings)
  target_precompile_headers(${target} PRIVATE <dibs/migration.hpp>)
endfunction()

function(_dibs_set_properties target)
  set_target_properties(
    ${target}
    PROPERTIES POSITION_INDEPENDENT_CODE ON
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               INTERPROCEDURAL_OPTIMIZATION OFF
               UNITY_BUILD OFF
               AUTOMOC OFF
               AUTOUIC OFF
               AUTORCC OFF
               DEFINE_SYMBOL "")
endfunction()

# <directory>/<name>.so in every configuration, whatever CMAKE_<CONFIG>_POSTFIX and the like say.
function(_dibs_set_output target directory name)
  set_target_properties(
    ${target}
    PROPERTIES PREFIX ""
               SUFFIX ".so"
               OUTPUT_NAME ${name}
               LIBRARY_OUTPUT_DIRECTORY "$<1:${directory}>")
  foreach(config IN LISTS CMAKE_CONFIGURATION_TYPES CMAKE_BUILD_TYPE)
    string(TOUPPER "${config}" config)
    set_target_properties(
      ${target}
      PROPERTIES ${config}_POSTFIX ""
                 LIBRARY_OUTPUT_DIRECTORY_${config} "$<1:${directory}>"
                 INTERPROCEDURAL_OPTIMIZATION_${config} OFF)
  endforeach()
endfunction()

# dibs_libraries.txt lists the libraries of this build tree. What the last configuration listed and this one does not
# is removed; a file that dibs did not make is in no list. The first line says whose list it is: in a copy of a build
# tree it would name the original's files.
function(_dibs_remove_old_libraries)
  set(manifest "${CMAKE_BINARY_DIR}/dibs_libraries.txt")
  get_property(libraries GLOBAL PROPERTY _DIBS_LIBRARIES)
  if(EXISTS "${manifest}")
    file(STRINGS "${manifest}" old ENCODING UTF-8)
    list(POP_FRONT old owner)
    if(owner STREQUAL CMAKE_BINARY_DIR)
      list(REMOVE_ITEM old "" ${libraries})
      if(old)
        file(REMOVE ${old})
      endif()
    endif()
  endif()
  list(PREPEND libraries "${CMAKE_BINARY_DIR}")
  list(JOIN libraries "\n" text)
  file(CONFIGURE OUTPUT "${manifest}" CONTENT "@text@\n" @ONLY)
endfunction()

cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _dibs_remove_old_libraries)
