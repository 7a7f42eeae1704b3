let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{
    , toolchains = toMap
        { cxx =
            S.Toolchain.hostC
              { packages =
                [ "libarchive-dev"
                , "libcmocka-dev"
                , "libcurl4-openssl-dev"
                , "libgmp-dev"
                , "libjansson-dev"
                , "liblmdb-dev"
                , "libnghttp2-dev"
                , "libprotobuf-c-dev"
                , "librust-blake3-dev"
                , "libsodium-dev"
                , "libssl-dev"
                , "libuv1-dev"
                , "libyaml-dev"
                , "libzstd-dev"
                , "zlib1g-dev"
                ]
              }
        , userland = S.Toolchain.hostUserland { programs = [ "protoc-c" ] }
        }
    , mode = S.Mode.Release
    , ignore = [ "build", "examples", "tests/golden" ]
    }
