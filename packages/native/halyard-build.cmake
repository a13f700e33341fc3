# What every native build of the workspace has in common; included after `project`.
#   HALYARD_SANITIZE               address,undefined or thread
#   HALYARD_TESTS                  the target native_tests, which is no part of all
#   halyard_build_together(TARGETS)  so that building them under sanitizers does not take as long
#   halyard_add_addon(NAME FILES)  an addon for Node: build/NAME.node; needs HALYARD_NODE_INCLUDE_DIRECTORIES,
#                                  for Windows HALYARD_NODE_EXPORTS, the folder of node-api-headers' *.def
#   halyard_add_test(NAME FILES)   a program of native_tests
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# Kernels ask for more; what surrounds them does not gain by it.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)

# The folder of what each system has its own way of.
if(WIN32)
  set(HALYARD_SYSTEM windows)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    message(FATAL_ERROR "On Windows the native code is built by MinGW-w64's g++ with POSIX threads, "
      "not by ${CMAKE_CXX_COMPILER_ID}.")
  endif()
  # Stacks are aligned to 16 bytes there, and g++ has vectors of 32 and 64 on them all the same (GCC's bug 54412).
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    add_compile_options(-Wa,-muse-unaligned-vector-move)
  endif()
  # What is built needs no library of the compiler's beside it.
  add_link_options(-static)
else()
  set(HALYARD_SYSTEM posix)
endif()

set(HALYARD_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")
if(HALYARD_SANITIZE)
  add_compile_options(-fsanitize=${HALYARD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${HALYARD_SANITIZE})
  set(CMAKE_CXX_FLAGS_RELEASE "-O1")
endif()

# Under sanitizers building takes long: some files at a time then, but for those with SKIP_UNITY_BUILD_INCLUSION.
function(halyard_build_together)
  if(HALYARD_SANITIZE)
    set_target_properties(${ARGN} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 5)
  endif()
endfunction()

# Node-API: how it is compiled and linked with. A thread of JavaScript that is being ended takes no more exceptions: one is
# dropped then, and does not end the process.
add_library(halyard_node INTERFACE)
target_include_directories(halyard_node SYSTEM INTERFACE ${HALYARD_NODE_INCLUDE_DIRECTORIES})
target_compile_definitions(halyard_node INTERFACE NAPI_VERSION=9 NAPI_DISABLE_CPP_EXCEPTIONS
  NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS)
if(WIN32)
  # The linker wants to know whose functions these are: those of a program by the name of node.exe.
  foreach(part node_api js_native_api)
    set(library ${CMAKE_CURRENT_BINARY_DIR}/${part}.a)
    set(definitions ${HALYARD_NODE_EXPORTS}/${part}.def)
    add_custom_command(OUTPUT ${library} DEPENDS ${definitions} VERBATIM
      COMMAND ${CMAKE_DLLTOOL} --dllname node.exe --input-def ${definitions} --output-lib ${library})
    add_custom_target(halyard_${part} DEPENDS ${library})
    add_dependencies(halyard_node halyard_${part})
    target_link_libraries(halyard_node INTERFACE ${library})
  endforeach()
endif()

function(halyard_add_addon name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE halyard_node)
  target_compile_options(${name} PRIVATE -Wall -Wextra)
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".node"
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  halyard_build_together(${name})
  if(APPLE)
    target_link_options(${name} PRIVATE -undefined dynamic_lookup)
  elseif(NOT WIN32)
    # A symbol that is missing shows when the addon is loaded, as an error, and not later, as the end of the process.
    target_link_options(${name} PRIVATE -Wl,-z,now)
  endif()
endfunction()

option(HALYARD_TESTS "Native tests, with doctest (Debian: doctest-dev)" OFF)
if(HALYARD_TESTS)
  find_path(DOCTEST_INCLUDE doctest/doctest.h REQUIRED)
  add_custom_target(native_tests)
endif()

function(halyard_add_test name)
  add_executable(${name} ${ARGN})
  target_include_directories(${name} SYSTEM PRIVATE ${DOCTEST_INCLUDE})
  target_compile_options(${name} PRIVATE -Wall -Wextra)
  add_dependencies(native_tests ${name})
endfunction()
