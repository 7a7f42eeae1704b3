# The one list of warnings.  A flag that this compiler does not know is left out.
include(CheckCCompilerFlag)

set(SL_WARNINGS
  -Wall -Wextra -Wpedantic
  -Wshadow                # a shadowed name is a misread name
  -Wstrict-prototypes -Wmissing-prototypes  # what is not in a header is static
  -Wundef
  -Wwrite-strings
  -Wvla                   # input must not drive the stack
  -Wformat=2
  -Wno-format-nonliteral  # diagnostics pass their format through one function
  -Wno-missing-field-initializers  # {0} and designated initialisers mean what they say
)

add_library(sl_warnings INTERFACE)
foreach(flag IN LISTS SL_WARNINGS)
  string(MAKE_C_IDENTIFIER "HAVE${flag}" have)
  check_c_compiler_flag(${flag} ${have})
  if(${have})
    target_compile_options(sl_warnings INTERFACE $<$<COMPILE_LANGUAGE:C>:${flag}>)
  endif()
endforeach()
if(STRAYLIGHT_WERROR)
  target_compile_options(sl_warnings INTERFACE $<$<COMPILE_LANGUAGE:C>:-Werror>)
endif()

target_compile_definitions(sl_warnings INTERFACE _GNU_SOURCE)
# Paths of the build machine do not reach the binary.
target_compile_options(sl_warnings INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(STRAYLIGHT_SANITIZE)
  target_compile_options(sl_warnings INTERFACE -fsanitize=${STRAYLIGHT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(sl_warnings INTERFACE -fsanitize=${STRAYLIGHT_SANITIZE})
endif()
if(STRAYLIGHT_FUZZ)
  # The layers too: a fuzzer that sees only its target's branches searches blind.
  target_compile_options(sl_warnings INTERFACE $<$<COMPILE_LANGUAGE:C>:-fsanitize=fuzzer-no-link>)
  target_link_options(sl_warnings INTERFACE -fsanitize=fuzzer-no-link)
endif()
