# The shared native library, as static libraries to link into an addon:
#   halyard_native       decoder, queues, memory, files; no Node
#   halyard_native_node  the Node-API side; needs HALYARD_NODE_INCLUDE_DIRECTORIES (node-api-headers, node-addon-api)
set(HALYARD_NATIVE_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 takes the members of a variant that are not there for uninitialized ones.
  add_compile_options(-Wno-maybe-uninitialized)
endif()

file(GLOB HALYARD_NATIVE_SOURCES CONFIGURE_DEPENDS ${HALYARD_NATIVE_DIRECTORY}/native/*.cpp
  ${HALYARD_NATIVE_DIRECTORY}/native/${HALYARD_SYSTEM}/*.cpp)
add_library(halyard_native STATIC ${HALYARD_NATIVE_SOURCES})
target_include_directories(halyard_native PUBLIC ${HALYARD_NATIVE_DIRECTORY}/include
                           PRIVATE ${HALYARD_NATIVE_DIRECTORY}/native)
target_compile_features(halyard_native PUBLIC cxx_std_20)
target_compile_options(halyard_native PRIVATE -Wall -Wextra)
target_precompile_headers(halyard_native PRIVATE <algorithm> <functional> <memory> <mutex> <string> <vector>
  ${HALYARD_NATIVE_DIRECTORY}/include/halyard/backend.h)
# Names that another file has as well.
set_source_files_properties(${HALYARD_NATIVE_DIRECTORY}/native/kernels.cpp ${HALYARD_NATIVE_DIRECTORY}/native/validate.cpp
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
halyard_build_together(halyard_native)
find_package(Threads REQUIRED)
target_link_libraries(halyard_native PUBLIC Threads::Threads ${CMAKE_DL_LIBS})

if(HALYARD_NODE_INCLUDE_DIRECTORIES)
  file(GLOB HALYARD_NATIVE_NODE_SOURCES CONFIGURE_DEPENDS ${HALYARD_NATIVE_DIRECTORY}/native/node/*.cpp)
  add_library(halyard_native_node STATIC ${HALYARD_NATIVE_NODE_SOURCES})
  target_compile_options(halyard_native_node PRIVATE -Wall -Wextra)
  target_precompile_headers(halyard_native_node PRIVATE <algorithm> <string> <vector>
    ${HALYARD_NATIVE_DIRECTORY}/include/halyard/node/addon.h)
  target_link_libraries(halyard_native_node PUBLIC halyard_native halyard_node)
  halyard_build_together(halyard_native_node)
endif()
