let A = ../../prelude/Analysis.dhall

let F = ../../prelude/Flags.dhall

let L = ../../prelude/List.dhall

let T = ../../prelude/Toolchain.dhall

let Triple = ../../prelude/Triple.dhall

let none = [] : List Text

let reproducible =
      [ "-ffile-prefix-map=/proc/self/cwd=.", "-ffile-prefix-map=/work=." ]

let entry =
      \(mapKey : Text) -> \(mapValue : List Text) -> { mapKey, mapValue }

let Category = { mapKey : Text, mapValue : List Text }

let -- The first `n` categories: those for C.
    firsts =
      \(n : Natural) ->
      \(r : A.Rendered) ->
        L.concatMap
          { index : Natural, value : Category }
          Category
          ( \(e : { index : Natural, value : Category }) ->
              if    Natural/isZero (Natural/subtract e.index n)
              then  [] : List Category
              else  [ e.value ]
          )
          (List/indexed Category r.flags)

let -- Those after the nine for C.
    forRustc =
      \(r : A.Rendered) ->
        L.concatMap
          { index : Natural, value : Category }
          Category
          ( \(e : { index : Natural, value : Category }) ->
              if        Natural/isZero (Natural/subtract e.index 9)
                    &&  Natural/isZero (Natural/subtract 11 e.index)
              then  [ e.value ]
              else  [] : List Category
          )
          (List/indexed Category r.flags)

let gcc = T.render (T.hostCxx { packages = [ "libuv1-dev" ] })

let clang =
      T.render
        (     T.mkClangToolchain
                "-14"
                (T.Artifact.Tree "aa/1")
                (Triple.x86_64_linux // { cpu = Triple.Cpu.x86_64_v3 })
          //  { linker = T.Linker.LLD (T.Artifact.Tree "bb/2")
              , flags = [ F.Flag.LTO F.LTOMode.Thin, F.Flag.NoExceptions ]
              , sysroot = Some "/sysroot"
              }
        )

let nix = T.render (T.fromNix "nixpkgs#rustc")

let cross =
      T.render
        ( T.hostCross
            { target = Triple.aarch64_linux, packages = none }
        )

let rust =
      T.render
        (     T.hostRust { packages = [ "librust-libc-dev" ] }
          //  { flags = [ F.Flag.Panic F.PanicStrategy.Abort ]
              , linker = T.Linker.LLD (T.Artifact.Tree "bb/2")
              , target = Triple.x86_64_linux // { cpu = Triple.Cpu.x86_64_v3 }
              }
        )

let userland = T.render (T.hostUserland { programs = [ "sh", "sed" ] })

let host =
      { compilers = [ "gcc" ], languages = [ "c" ], packages = none, programs = none }

let c = T.render (T.hostC { packages = none })

in  { host = assert : gcc.name === "gcc"
    , bytes =
          assert
        :     gcc.bytes
          ===  [ A.Origin.Host
                   { compilers = [ "gcc", "g++" ]
                   , languages = [ "c", "c++" ]
                   , packages = [ "libuv1-dev" ]
                   , programs =
                     [ "ar"
                     , "as"
                     , "ld"
                     , "nm"
                     , "objcopy"
                     , "objdump"
                     , "ranlib"
                     , "readelf"
                     , "strip"
                     ]
                   }
               ]
    , tools =
          assert
        :     List/head { mapKey : Text, mapValue : Text } gcc.tools
          ===  Some { mapKey = "ar", mapValue = "/usr/bin/ar" }
    , c-links-with-gcc =
          assert
        :     List/head { mapKey : Text, mapValue : Text } c.tools
          ===  Some { mapKey = "cxx", mapValue = "/usr/bin/gcc" }
    , cross =
          assert
        :     List/head { mapKey : Text, mapValue : Text } cross.tools
          ===  Some
                 { mapKey = "ar", mapValue = "/usr/bin/aarch64-linux-gnu-ar" }
    , gcc-flags =
          assert
        :     firsts 9 gcc
          ===  [ entry "compile" reproducible
               , entry "compile_c" none
               , entry "compile_cxx" none
               , entry "link" reproducible
               , entry "archive" [ "rcsD" ]
               , entry "compile_debug" [ "-O0", "-g" ]
               , entry "link_debug" [ "-O0" ]
               , entry "compile_release" [ "-O2" ]
               , entry "link_release" [ "-O2" ]
               ]
    , clang-flags =
          assert
        :     firsts 4 clang
          ===  [ entry
                   "compile"
                   (   [ "--target=x86_64-unknown-linux-gnu"
                       , "--sysroot=/sysroot"
                       ]
                     # reproducible
                     # [ "-march=x86-64-v3", "-flto=thin" ]
                   )
               , entry "compile_c" none
               , entry "compile_cxx" [ "-fno-exceptions" ]
               , entry
                   "link"
                   (   [ "--target=x86_64-unknown-linux-gnu"
                       , "--sysroot=/sysroot"
                       ]
                     # reproducible
                     # [ "-fuse-ld=lld", "-flto=thin" ]
                   )
               ]
    , clang-bytes =
          assert : clang.bytes === [ A.Origin.Tree "aa/1", A.Origin.Tree "bb/2" ]
    , pinned =
          assert
        :     ( T.render
                  ( T.mkGccToolchain
                      "12"
                      (T.Artifact.Pinned { digest = "aa/1", host })
                      Triple.x86_64_linux
                  )
              ).bytes
          ===  [ A.Origin.Pinned { digest = "aa/1", host } ]
    , nix = assert : nix.bytes === [ A.Origin.Nix "nixpkgs#rustc" ]
    , rust-bytes =
          assert
        :     rust.bytes
          ===  [ A.Origin.Host
                   { compilers = none
                   , languages = none
                   , packages = [ "libstd-rust-dev", "librust-libc-dev" ]
                   , programs = [ "rustc" ]
                   }
               , A.Origin.Tree "bb/2"
               ]
    , rust-flags =
          assert
        :     forRustc rust
          ===  [ entry
                   "rustc"
                   [ "--target=x86_64-unknown-linux-gnu"
                   , "-Clink-arg=-fuse-ld=lld"
                   , "-Ctarget-cpu=x86-64-v3"
                   , "-Cpanic=abort"
                   ]
               , entry "rustc_debug" [ "-Copt-level=0", "-Cdebuginfo=2" ]
               , entry "rustc_release" [ "-Copt-level=3" ]
               ]
    , rust-tools =
          assert
        :     List/head { mapKey : Text, mapValue : Text } rust.tools
          ===  Some { mapKey = "cargo", mapValue = "/usr/bin/cargo" }
    , userland =
          assert
        :     userland.tools
          ===  [ { mapKey = "sh", mapValue = "/usr/bin/sh" }
               , { mapKey = "sed", mapValue = "/usr/bin/sed" }
               ]
    , own-words =
          assert
        :     L.map
                { mapKey : Text, mapValue : A.Rendered }
                Text
                (\(e : { mapKey : Text, mapValue : A.Rendered }) -> e.mapKey)
                ( T.override
                    "zig"
                    (Some (T.hostCxx { packages = none }))
                )
          ===  [ "zig" ]
    }
