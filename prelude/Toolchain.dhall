{-  Toolchains: which compiler, from which bytes, for which triple, with which flags; and `render`,
    which turns one into what the core reads (Analysis.Rendered).

    Kinds of tools that rules ask for: cc cxx ar ld nm strip objcopy · rustc rustdoc cargo · ghc
    ghc-pkg · lean lake leanc · purs · nvcc.  Categories of flags: compile compile_c compile_cxx
    compile_debug compile_release link link_debug link_release archive · rustc rustc_debug
    rustc_release · ghc ghc_debug ghc_release · nvcc nvcc_debug nvcc_release.  -}
let A = ./Analysis.dhall

let L = ./List.dhall

let Triple = ./Triple.dhall

let F = ./Flags.dhall

let Flag = F.Flag

let Artifact = A.Origin

let EnvVar = { name : Text, value : Text }

let Versioned = { version : Text, artifact : Artifact }

let Custom =
      { name : Text
      , version : Text
      , artifact : Artifact
      , tools : A.Map Text
      , categories : A.Map (List Text)
      , env : List EnvVar
      }

let Compiler =
      {-  NvLLVM   a clang that compiles CUDA
          Unknown  what `fromNix` names: it may be any of them
          Custom   whatever a language of one's own needs; `categories` are flags as text
          -}
      < Clang : Versioned
      | GCC : Versioned
      | Rustc : Versioned
      | GHC : Versioned
      | Lean : Versioned
      | Purs : Versioned
      | NvLLVM : Versioned
      | NVCC : Versioned
      | Unknown : Versioned
      | Custom : Custom
      >

let Linker =
      < LLD : Artifact
      | Mold : Artifact
      | Gold : Artifact
      | BFD : Artifact
      | System
      >

let Toolchain =
      {-  flags    beside those that the triples, the linker and the build mode imply
          sysroot  a directory in the bytes that the compiler takes as root
          libc     bytes of another C library, laid over the compiler's
          libcxx   bytes of libc++, which clang then uses
          prefix   of a cross gcc's programs: "aarch64-linux-gnu-"
          tools    where programs are, if not where the compiler's package puts them
          -}
      { compiler : Compiler
      , host : Triple.Triple
      , target : Triple.Triple
      , flags : List Flag
      , linker : Linker
      , sysroot : Optional Text
      , libc : Optional Artifact
      , libcxx : Optional Artifact
      , prefix : Text
      , tools : A.Map Text
      }

let mk =
      \(compiler : Versioned -> Compiler) ->
      \(version : Text) ->
      \(artifact : Artifact) ->
      \(target : Triple.Triple) ->
          { compiler = compiler { version, artifact }
          , host = Triple.x86_64_linux_gnu
          , target
          , flags = [] : List Flag
          , linker = Linker.System
          , sysroot = None Text
          , libc = None Artifact
          , libcxx = None Artifact
          , prefix = ""
          , tools = [] : A.Map Text
          }
        : Toolchain

let mkClangToolchain = mk Compiler.Clang

let mkGccToolchain = mk Compiler.GCC

let mkRustToolchain = mk Compiler.Rustc

let mkGHCToolchain = mk Compiler.GHC

let mkLeanToolchain = mk Compiler.Lean

let mkPursToolchain = mk Compiler.Purs

let mkNvToolchain = mk Compiler.NvLLVM

let mkNvccToolchain = mk Compiler.NVCC

let -- The same toolchain from other bytes: those that `straylight toolchain capture` wrote down.
    pin =
      \(to : Versioned) ->
      \(t : Toolchain) ->
            t
        //  { compiler =
                merge
                  { Clang = \(was : Versioned) -> Compiler.Clang to
                  , GCC = \(was : Versioned) -> Compiler.GCC to
                  , Rustc = \(was : Versioned) -> Compiler.Rustc to
                  , GHC = \(was : Versioned) -> Compiler.GHC to
                  , Lean = \(was : Versioned) -> Compiler.Lean to
                  , Purs = \(was : Versioned) -> Compiler.Purs to
                  , NvLLVM = \(was : Versioned) -> Compiler.NvLLVM to
                  , NVCC = \(was : Versioned) -> Compiler.NVCC to
                  , Unknown = \(was : Versioned) -> Compiler.Unknown to
                  , Custom = \(was : Custom) -> Compiler.Custom (was // to)
                  }
                  t.compiler
            }

let fromNix
    : Text -> Toolchain
    = \(installable : Text) ->
        mk
          Compiler.Unknown
          ""
          (Artifact.Nix installable)
          Triple.x86_64_linux_gnu

let captured =
      \(compilers : List Text) ->
      \(languages : List Text) ->
      \(packages : List Text) ->
      \(programs : List Text) ->
        Artifact.Host { compilers, languages, packages, programs }

let binutils =
      [ "ar", "as", "ld", "nm", "objcopy", "objdump", "ranlib", "readelf", "strip" ]

let Packages = { packages : List Text }

let native = Triple.x86_64_linux_gnu

let -- gcc and g++ as this machine has them, with the headers and libraries of Debian packages.
    hostCxx =
      \(args : Packages) ->
        mkGccToolchain
          ""
          (captured [ "gcc", "g++" ] [ "c", "c++" ] args.packages binutils)
          native

let -- gcc alone, which then links too.
    hostC =
      \(args : Packages) ->
            mkGccToolchain
              ""
              (captured [ "gcc" ] [ "c" ] args.packages binutils)
              native
        //  { tools = toMap { cxx = "/usr/bin/gcc" } }

let -- Debian's cross gcc for another triple.
    hostCross =
      \(args : { target : Triple.Triple, packages : List Text }) ->
        let prefix = "${Triple.renderGnu args.target}-"

        let named =
              L.map Text Text (\(name : Text) -> "${prefix}${name}")

        in      mkGccToolchain
                  ""
                  ( captured
                      (named [ "gcc", "g++" ])
                      [ "c", "c++" ]
                      args.packages
                      (named binutils)
                  )
                  args.target
            //  { prefix }

let -- For LTO with clang take LLD, and LLVM's ar by `tools = toMap { ar = "/usr/bin/llvm-ar" }`.
    hostClang =
      \(args : Packages) ->
        mkClangToolchain
          ""
          ( captured
              [ "clang", "clang++" ]
              [ "c", "c++" ]
              args.packages
              binutils
          )
          native

let -- Debian's rustc and its standard library.  What links is the toolchain "cxx".
    hostRust =
      \(args : Packages) ->
        let none = [] : List Text

        in  mkRustToolchain
              ""
              (captured none none ([ "libstd-rust-dev" ] # args.packages) [ "rustc" ])
              native

let hostGHC =
      \(args : Packages) ->
        mkGHCToolchain
          ""
          ( captured
              [ "gcc" ]
              [ "c" ]
              ([ "ghc" ] # args.packages)
              (binutils # [ "ghc", "ghc-pkg", "sh" ])
          )
          native

let -- No two machines may differ in what these change: messages, dates in outputs.
    environment =
        [ { name = "PATH", value = "/usr/bin:/bin" }
        , { name = "LC_ALL", value = "C" }
        , { name = "SOURCE_DATE_EPOCH", value = "315532800" }
        ]

let atUsrBin =
      \(name : Text) -> { mapKey = name, mapValue = "/usr/bin/${name}" }

let Programs = { packages : List Text, programs : List Text }

let -- Programs with the libraries they need, and the files of Debian packages.
    hostTools =
      \(args : Programs) ->
        let none = [] : List Text

        let artifact = captured none none args.packages args.programs

        in      mkGccToolchain "" artifact native
            //  { compiler =
                    Compiler.Custom
                      { name = "userland"
                      , version = ""
                      , artifact
                  , tools =
                      L.map
                        Text
                        { mapKey : Text, mapValue : Text }
                        atUsrBin
                        args.programs
                  , categories = [] : A.Map (List Text)
                  , env = environment
                  }
            }

let -- Programs (a shell, make, tar …) with the libraries they need.
    hostUserland =
      \(args : { programs : List Text }) ->
        hostTools { packages = [] : List Text, programs = args.programs }

let -- Of Debian's essential packages, what build scripts use most.
    userland =
      [ "sh"
      , "basename"
      , "cat"
      , "chmod"
      , "cmp"
      , "cp"
      , "cut"
      , "date"
      , "diff"
      , "dirname"
      , "echo"
      , "env"
      , "expr"
      , "false"
      , "find"
      , "grep"
      , "gzip"
      , "head"
      , "install"
      , "ln"
      , "ls"
      , "mkdir"
      , "mktemp"
      , "mv"
      , "od"
      , "printf"
      , "pwd"
      , "rm"
      , "rmdir"
      , "sed"
      , "sha256sum"
      , "sort"
      , "tail"
      , "tar"
      , "tee"
      , "test"
      , "touch"
      , "tr"
      , "true"
      , "uname"
      , "uniq"
      , "wc"
      , "xargs"
      ]

let -- What packages with a build system of their own use beside a compiler.
    hostForeign =
      \(args : Programs) ->
        hostTools
          { packages = [ "perl-base" ] # args.packages
          , programs =
                userland
              # [ "awk"
                , "bash"
                , "cksum"
                , "comm"
                , "dd"
                , "egrep"
                , "fgrep"
                , "fold"
                , "gunzip"
                , "hostname"
                , "id"
                , "join"
                , "make"
                , "md5sum"
                , "mkfifo"
                , "nl"
                , "nproc"
                , "paste"
                , "patch"
                , "perl"
                , "pkg-config"
                , "readlink"
                , "realpath"
                , "seq"
                , "sleep"
                , "split"
                , "stat"
                , "tac"
                , "which"
                ]
              # args.programs
          }

let -- What makes a configure script of a configure.ac.
    hostAutoreconf =
      \(args : Programs) ->
        hostTools
          { packages =
                [ "autoconf/depends", "automake/depends", "libtool/depends" ]
              # args.packages
          , programs =
                [ "aclocal", "autoconf", "autoheader", "automake", "autoreconf", "libtoolize", "m4" ]
              # args.programs
          }

let -- What cmake packages use beside that.
    hostCMake =
      \(args : Programs) ->
        hostTools
          { packages = [ "cmake", "cmake-data" ] # args.packages
          , programs = [ "cmake", "ctest", "make", "ninja" ] # args.programs
          }

let -- What meson packages use.
    hostMeson =
      \(args : Programs) ->
        hostTools
          { packages = [ "meson/depends" ] # args.packages
          , programs = [ "meson", "ninja", "python3" ] # args.programs
          }

let -- What packages with a setup.py or a pyproject.toml use.
    hostPython =
      \(args : Programs) ->
        hostTools
          { packages =
                [ "python3/depends"
                , "python3-setuptools/depends"
                , "python3-wheel/depends"
                , "python3-pip/depends"
                ]
              # args.packages
          , programs = [ "python3" ] # args.programs
          }

let -- What packages of Cargo use, with their crates among their sources.
    hostCargo =
      \(args : Programs) ->
        hostTools
          { packages = [ "libstd-rust-dev" ] # args.packages
          , programs = [ "cargo", "rustc", "rustdoc" ] # args.programs
          }

let -- The directory that a build runs in, by whatever name, is "." in what it leaves.  Compile and
    -- link steps set PWD to /proc/self/cwd, which gcc and clang take for its name where it can be
    -- read; /work is its name in the sandbox.
    reproducible =
      [ "-ffile-prefix-map=/proc/self/cwd=.", "-ffile-prefix-map=/work=." ]

let fuseLd =
      \(linker : Linker) ->
        merge
          { LLD = \(artifact : Artifact) -> [ "-fuse-ld=lld" ]
          , Mold = \(artifact : Artifact) -> [ "-fuse-ld=mold" ]
          , Gold = \(artifact : Artifact) -> [ "-fuse-ld=gold" ]
          , BFD = \(artifact : Artifact) -> [ "-fuse-ld=bfd" ]
          , System = [] : List Text
          }
          linker

let linkerBytes =
      \(linker : Linker) ->
        let one = \(artifact : Artifact) -> [ artifact ]

        in  merge
              { LLD = one
              , Mold = one
              , Gold = one
              , BFD = one
              , System = [] : List Artifact
              }
              linker

let Category = { mapKey : Text, mapValue : List Text }

let -- What differs between the compilers that take gcc's options: how they spell LTO, and `own`.
    gnu =
      \(t : Toolchain) ->
        let none = [] : List Text

        let gcc = \(v : Versioned) -> { lto = F.lto.gcc, own = none }

        let clang =
              \(own : List Text) ->
              \(v : Versioned) ->
                { lto = F.lto.clang
                , own =
                      [ "--target=${Triple.render t.target}" ]
                    # merge
                        { None = none
                        , Some = \(artifact : Artifact) -> [ "-stdlib=libc++" ]
                        }
                        t.libcxx
                    # own
                }

        let other = \(v : Versioned) -> { lto = F.lto.common, own = none }

        in  merge
              { Clang = clang none
              , GCC = gcc
              , Rustc = gcc
              , GHC = gcc
              , Lean = \(v : Versioned) -> { lto = F.lto.clang, own = none }
              , Purs = other
              , NvLLVM = clang (Triple.gpuFlags t.target.gpu)
              , NVCC = gcc
              , Unknown = other
              , Custom = \(c : Custom) -> { lto = F.lto.common, own = none }
              }
              t.compiler

let debug = [ Flag.OptLevel F.OptLevel.O0, Flag.Debug F.DebugInfo.Full ]

let release = \(level : F.OptLevel) -> [ Flag.OptLevel level ]

let entry =
      \(mapKey : Text) -> \(mapValue : List Text) -> { mapKey, mapValue }

let -- For C and C++.
    gnuCategories =
      \(t : Toolchain) ->
        let variant = gnu t

        let every =
                variant.own
              # merge
                  { None = [] : List Text
                  , Some = \(dir : Text) -> [ "--sysroot=${dir}" ]
                  }
                  t.sysroot
              # reproducible

        let mode =
              \(name : Text) ->
              \(flags : List Flag) ->
                F.words
                  (F.gnu F.lto.common flags)
                  (List Category)
                  ( \(w : F.Words) ->
                      [ entry "compile_${name}" w.compile
                      , entry "link_${name}" w.link
                      ]
                  )

        in    F.words
                (F.gnu variant.lto t.flags)
                (List Category)
                ( \(w : F.Words) ->
                    [ entry
                        "compile"
                        (every # Triple.cpuFlags t.target.cpu # w.compile)
                    , entry "compile_c" w.c
                    , entry "compile_cxx" w.cxx
                    , entry "link" (every # fuseLd t.linker # w.link)
                    , entry "archive" [ "rcsD" ]
                    ]
                )
            # mode "debug" debug
            # mode "release" (release F.OptLevel.O2)

let -- For a compiler with options of its own: NAME, NAME_debug, NAME_release.
    nativeCategories =
      \(name : Text) ->
      \(words : List Flag -> List Text) ->
      \(fast : F.OptLevel) ->
      \(own : List Text) ->
      \(flags : List Flag) ->
        [ entry name (own # words flags)
        , entry "${name}_debug" (words debug)
        , entry "${name}_release" (words (release fast))
        ]

let nothing = [] : List Text

let -- Every toolchain has all: one that no rule asks of it costs next to nothing.
    categories =
      \(t : Toolchain) ->
        let none = \(v : Versioned) -> [] : List Category

        in    merge
                { Clang = none
                , GCC = none
                , Rustc = none
                , GHC = none
                , Lean = none
                , Purs = none
                , NvLLVM = none
                , NVCC = none
                , Unknown = none
                , Custom = \(c : Custom) -> c.categories
                }
                t.compiler
            # gnuCategories t
            # nativeCategories
                "rustc"
                F.rustc
                F.OptLevel.O3
                (   [ "--target=${Triple.render t.target}" ]
                  # L.map
                      Text
                      Text
                      (\(word : Text) -> "-Clink-arg=${word}")
                      (fuseLd t.linker)
                )
                ([ Flag.TargetCpu t.target.cpu ] # t.flags)
            # nativeCategories "ghc" F.ghc F.OptLevel.O2 nothing t.flags
            # nativeCategories "nvcc" F.nvcc F.OptLevel.O3 nothing t.flags

let cTools =
      \(dir : Text) ->
      \(cc : Text) ->
      \(cxx : Text) ->
        toMap
          { cc = "${dir}${cc}"
          , cxx = "${dir}${cxx}"
          , ar = "${dir}ar"
          , ld = "${dir}ld"
          , nm = "${dir}nm"
          , strip = "${dir}strip"
          , objcopy = "${dir}objcopy"
          , objdump = "${dir}objdump"
          , ranlib = "${dir}ranlib"
          , readelf = "${dir}readelf"
          }

let tools =
      \(t : Toolchain) ->
        let clang = \(v : Versioned) -> cTools "/usr/bin/" "clang" "clang++"

        let withGcc =
              \(own : A.Map Text) ->
              \(v : Versioned) ->
                own # cTools "/usr/bin/${t.prefix}" "gcc" "g++"

        in    t.tools
            # merge
                { Clang = clang
                , GCC = withGcc ([] : A.Map Text)
                , Rustc =
                    \(v : Versioned) ->
                      toMap
                        { rustc = "/usr/bin/rustc"
                        , rustdoc = "/usr/bin/rustdoc"
                        , cargo = "/usr/bin/cargo"
                        }
                , GHC =
                    withGcc
                      (toMap { ghc = "/usr/bin/ghc", ghc-pkg = "/usr/bin/ghc-pkg" })
                , Lean =
                    withGcc
                      ( toMap
                          { lean = "/usr/bin/lean"
                          , lake = "/usr/bin/lake"
                          , leanc = "/usr/bin/leanc"
                          }
                      )
                , Purs = \(v : Versioned) -> toMap { purs = "/usr/bin/purs" }
                , NvLLVM = clang
                , NVCC = withGcc (toMap { nvcc = "/usr/local/cuda/bin/nvcc" })
                , Unknown =
                    \(v : Versioned) ->
                        cTools "bin/" "cc" "c++"
                      # toMap
                          { rustc = "bin/rustc"
                          , rustdoc = "bin/rustdoc"
                          , cargo = "bin/cargo"
                          , ghc = "bin/ghc"
                          , ghc-pkg = "bin/ghc-pkg"
                          , lean = "bin/lean"
                          , lake = "bin/lake"
                          , leanc = "bin/leanc"
                          , purs = "bin/purs"
                          , nvcc = "bin/nvcc"
                          }
                , Custom = \(c : Custom) -> c.tools
                }
                t.compiler

let identity =
      \(compiler : Compiler) ->
        let known =
              \(kind : Text) ->
              \(v : Versioned) ->
                { name = "${kind}${v.version}"
                , artifact = v.artifact
                , env = environment
                }

        in  merge
              { Clang = known "clang"
              , GCC = known "gcc"
              , Rustc = known "rustc"
              , GHC = known "ghc"
              , Lean = known "lean"
              , Purs = known "purs"
              , NvLLVM = known "clang-cuda"
              , NVCC = known "nvcc"
              , Unknown = known "nix"
              , Custom =
                  \(c : Custom) ->
                    { name = "${c.name}${c.version}"
                    , artifact = c.artifact
                    , env = c.env
                    }
              }
              compiler

let render
    : Toolchain -> A.Rendered
    = \(t : Toolchain) ->
        let id = identity t.compiler

        in  { name = id.name
            , bytes =
                  [ id.artifact ]
                # linkerBytes t.linker
                # L.optional Artifact t.libc
                # L.optional Artifact t.libcxx
            , tools = tools t
            , flags = categories t
            , env = id.env
            }

let -- What an analysis says of a target's own choice for a word.
    override =
      \(word : Text) ->
      \(chosen : Optional Toolchain) ->
        merge
          { None = [] : A.Map A.Rendered
          , Some =
              \(t : Toolchain) -> [ { mapKey = word, mapValue = render t } ]
          }
          chosen

in  { Artifact
    , Custom
    , Compiler
    , Linker
    , Toolchain
    , mkClangToolchain
    , mkGccToolchain
    , mkRustToolchain
    , mkGHCToolchain
    , mkLeanToolchain
    , mkPursToolchain
    , mkNvToolchain
    , mkNvccToolchain
    , fromNix
    , pin
    , hostC
    , hostCxx
    , hostCross
    , hostClang
    , hostRust
    , hostGHC
    , hostTools
    , hostUserland
    , hostForeign
    , hostAutoreconf
    , hostCMake
    , hostMeson
    , hostPython
    , hostCargo
    , userland
    , environment
    , render
    , override
    }
