# What every native build of the workspace has in common; included after `project`.
#   HALYARD_SANITIZE               address,undefined or thread
#   HALYARD_TESTS                  the target native_tests, which is no part of all
#   halyard_build_together(TARGETS)  so that building them under sanitizers does not take as long
#   halyard_add_addon(NAME FILES)  an addon for Node: build/NAME.node; needs HALYARD_NODE_INCLUDE_DIRECTORIES
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

# A thread of JavaScript that is being ended takes no more exceptions: one is dropped then, and does not end the process.
set(HALYARD_NODE_DEFINITIONS NAPI_VERSION=9 NAPI_DISABLE_CPP_EXCEPTIONS NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS)

function(halyard_add_addon name)
  add_library(${name} MODULE ${ARGN})
  target_include_directories(${name} SYSTEM PRIVATE ${HALYARD_NODE_INCLUDE_DIRECTORIES})
  target_compile_definitions(${name} PRIVATE ${HALYARD_NODE_DEFINITIONS})
  target_compile_options(${name} PRIVATE -Wall -Wextra)
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".node"
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  halyard_build_together(${name})
  if(APPLE)
    target_link_options(${name} PRIVATE -undefined dynamic_lookup)
  else()
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
