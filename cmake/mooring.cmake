# Options, libraries and the three helpers every folder's CMakeLists.txt uses.
# One target per folder. Its link line is the list of folders it may include, because the include directory of a target
# shows that target's folder and no other.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(MARIADB REQUIRED IMPORTED_TARGET libmariadb)
pkg_check_modules(TOMLPP REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)

add_library(mooring_options INTERFACE)
target_compile_definitions(mooring_options INTERFACE MOORING_VERSION="${PROJECT_VERSION}"
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_compile_options(mooring_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion
  -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wimplicit-fallthrough -Werror)
target_link_libraries(mooring_options INTERFACE Threads::Threads Boost::headers)
# In every build type, also in those that CMake gives NDEBUG: to use the value of a failed result or of an empty optional
# ends the process instead of going on with garbage.
target_compile_options(mooring_options INTERFACE -UNDEBUG)
target_compile_definitions(mooring_options INTERFACE _GLIBCXX_ASSERTIONS)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Clang takes the parameters of a header for shadowed by constants of a file that comes first in a unity build.
  target_compile_options(mooring_options INTERFACE -Wshadow)
  # g++ 12 reports these inside std::string (GCC bugs 105329, 105651), of a std::variant that is moved, and for coroutine
  # frames; ASan and clang watch for real ones.
  target_compile_options(mooring_options INTERFACE -Wno-mismatched-new-delete -Wno-array-bounds -Wno-restrict
    -Wno-stringop-overread -Wno-stringop-overflow -Wno-maybe-uninitialized)
endif()
if(MOORING_SANITIZE)
  # Recycled coroutine frames hide dangling references from the sanitizers.
  target_compile_definitions(mooring_options INTERFACE BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
  target_compile_options(mooring_options INTERFACE -fsanitize=${MOORING_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(mooring_options INTERFACE -fsanitize=${MOORING_SANITIZE})
  if(MOORING_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(mooring_options INTERFACE -Wno-tsan)
  endif()
  if(MOORING_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # clang 14 cannot assemble coroutine clones with this check.
    target_compile_options(mooring_options INTERFACE -fno-sanitize=function)
  endif()
endif()

# An include directory for `name` in which only the folders given (relative to the project, or to include/) can be seen.
function(mooring_include_view name)
  set(view ${PROJECT_BINARY_DIR}/include/${name})
  file(REMOVE_RECURSE ${view})
  foreach(folder ${ARGN})
    string(REGEX REPLACE "^include/" "" seen_as ${folder})
    cmake_path(GET seen_as PARENT_PATH parent)
    file(MAKE_DIRECTORY ${view}/${parent})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${view}/${seen_as} SYMBOLIC)
  endforeach()
  target_include_directories(${name} PUBLIC ${view})
endfunction()

# Several files of a folder are compiled as one, because parsing Asio costs more than all of our own code. Anonymous
# namespaces of one folder therefore share their names. `files`: how many at a time.
function(mooring_unity name files)
  if(MOORING_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${files})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # g++ takes coroutine frames of a file that includes others for types that a header shows to several files.
      target_compile_options(${name} PRIVATE -Wno-subobject-linkage)
    endif()
  endif()
endfunction()

# Boost.Asio's implementation and the precompiled headers that every Asio user shares.
add_library(mooring_asio STATIC ${PROJECT_SOURCE_DIR}/src/net/asio_impl.cpp)
target_link_libraries(mooring_asio PUBLIC mooring_options)
target_precompile_headers(mooring_asio PRIVATE ${PROJECT_SOURCE_DIR}/src/net/pch.hpp)

# mooring_library(NAME LINK targets...): a static library of all *.cpp of the calling folder.
function(mooring_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC mooring_options ${ARG_LINK})
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE folder)
  set(folders ${folder})
  if(folder MATCHES "^src/(.*)")
    list(APPEND folders include/mooring/${CMAKE_MATCH_1})
  endif()
  mooring_include_view(${name} ${folders})
  mooring_unity(${name} 16)
endfunction()

# The same for folders that use Asio.
function(mooring_asio_library name)
  mooring_library(${name} ${ARGN})
  target_link_libraries(${name} PUBLIC mooring_asio)
  target_precompile_headers(${name} REUSE_FROM mooring_asio)
endfunction()

# mooring_program(NAME LINK targets...): an executable of the calling folder's own *.cpp.
function(mooring_program name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE mooring_asio ${ARG_LINK})
  target_precompile_headers(${name} REUSE_FROM mooring_asio)
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE folder)
  mooring_include_view(${name} ${folder})
  mooring_unity(${name} 8)
  install(TARGETS ${name} RUNTIME)
endfunction()
