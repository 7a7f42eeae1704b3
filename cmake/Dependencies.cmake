# Everything comes from Debian packages.  sl_dep(NAME ARCHIVE SHARED) makes sl::NAME, from the
# archive when STRAYLIGHT_STATIC_DEPS is on and the archive is there: each shared library costs a
# short command a part of a millisecond at start.
function(sl_dep name archive shared header)
  find_path(SL_${name}_INCLUDE ${header} REQUIRED)
  if(STRAYLIGHT_STATIC_DEPS)
    find_library(SL_${name}_LIB NAMES ${archive} ${shared} REQUIRED)
  else()
    find_library(SL_${name}_LIB NAMES ${shared} REQUIRED)
  endif()
  add_library(sl::${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(sl::${name} SYSTEM INTERFACE ${SL_${name}_INCLUDE})
  target_link_libraries(sl::${name} INTERFACE ${SL_${name}_LIB} ${ARGN})
endfunction()

find_package(Threads REQUIRED)
sl_dep(uv      libuv_a.a     uv      uv.h          Threads::Threads dl)
sl_dep(crypto  libcrypto.a   crypto  openssl/evp.h Threads::Threads dl)
sl_dep(sodium  libsodium.a   sodium  sodium.h      Threads::Threads)
sl_dep(gmp     libgmp.a      gmp     gmp.h)
sl_dep(lmdb    liblmdb.a     lmdb    lmdb.h        Threads::Threads)
sl_dep(yaml    libyaml.a     yaml    yaml.h)
sl_dep(jansson libjansson.a  jansson jansson.h)
sl_dep(protobuf_c libprotobuf-c.a protobuf-c protobuf-c/protobuf-c.h)
# libcurl is loaded when it is first needed: only its headers are.
find_path(SL_curl_INCLUDE curl/curl.h REQUIRED)
add_library(sl::curl INTERFACE IMPORTED GLOBAL)
target_include_directories(sl::curl SYSTEM INTERFACE ${SL_curl_INCLUDE})
target_link_libraries(sl::curl INTERFACE dl)
if(STRAYLIGHT_TESTS)
  sl_dep(cmocka libcmocka-static.a cmocka cmocka.h)
endif()

# BLAKE3: the C sources that librust-blake3-dev carries, built by thin units in src/base/blake3/.
file(GLOB SL_BLAKE3_DIRS /usr/share/cargo/registry/blake3-*/c)
if(NOT SL_BLAKE3_DIRS)
  message(FATAL_ERROR "BLAKE3's C sources are missing: apt-get install librust-blake3-dev")
endif()
list(GET SL_BLAKE3_DIRS -1 SL_BLAKE3_DIR)
