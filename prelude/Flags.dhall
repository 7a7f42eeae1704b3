{-  Typed flags, and the one place where they become text.

    `gnu lto flags` is for gcc, clang and what takes their options, which differ only in `lto`:
    `lto.common` is what both understand, for a rule that does not know which of them it will meet.
    `words` sorts the result by the command line it belongs to.  `rustc`, `ghc` and `nvcc` give the
    words of those compilers.

    Tables are applied as late and as seldom as can be: the prelude's normal form, which some Dhall
    tools compute for every import, holds a copy for every place where one is used.  -}
let L = ./List.dhall

let Triple = ./Triple.dhall

let OptLevel = < O0 | O1 | O2 | O3 | Os | Oz | Og >

let LTOMode = < Off | Thin | Fat >

let DebugInfo = < None | LineTablesOnly | Full >

let PanicStrategy = < Unwind | Abort >

let Sanitizer = < Address | Thread | Memory | Undefined | Leak >

let Warnings = < All | None | Error >

let CStd = < C99 | C11 | C17 | C23 | Gnu99 | Gnu11 | Gnu17 | Gnu23 >

let CxxStd =
      < Cxx11
      | Cxx14
      | Cxx17
      | Cxx20
      | Cxx23
      | Gnuxx11
      | Gnuxx14
      | Gnuxx17
      | Gnuxx20
      | Gnuxx23
      >

let Std = < C : CStd | Cxx : CxxStd >

let Flag =
      {-  Raw is an escape hatch, and lint reports it.  Names and paths in the linker's flags are
          as the linker takes them.  -}
      < OptLevel : OptLevel
      | LTO : LTOMode
      | Debug : DebugInfo
      | Panic : PanicStrategy
      | Sanitizer : Sanitizer
      | TargetCpu : Triple.Cpu
      | TargetFeature : { enable : Bool, name : Text }
      | PIC
      | NoPIC
      | PIE
      | NoPIE
      | Define : { name : Text, value : Optional Text }
      | Undef : Text
      | Include : Text
      | SystemInclude : Text
      | LibPath : Text
      | Link : Text
      | Std : Std
      | Warnings : Warnings
      | W : Text
      | Wno : Text
      | March : Text
      | Mtune : Text
      | FunctionSections
      | NoFunctionSections
      | DataSections
      | NoDataSections
      | Exceptions
      | NoExceptions
      | RTTI
      | NoRTTI
      | Pthread
      | Static
      | Shared
      | Rpath : Text
      | RpathLink : Text
      | Soname : Text
      | VersionScript : Text
      | GcSections
      | NoGcSections
      | AsNeeded
      | NoAsNeeded
      | ExportDynamic
      | NoExportDynamic
      | Strip
      | Raw : Text
      >

let Words =
      {-  compile  every language
          c, cxx   only C, only C++
          link     the linker, through the compiler
          -}
      { compile : List Text, c : List Text, cxx : List Text, link : List Text }

let Part =
      {-  Native is a word in the terms of a compiler that is not one for C.  -}
      < Compile : Text | C : Text | Cxx : Text | Link : Text | Native : Text >

let Parts = List Part

let cStd =
      \(std : CStd) ->
        merge
          { C99 = "c99"
          , C11 = "c11"
          , C17 = "c17"
          , C23 = "c2x"
          , Gnu99 = "gnu99"
          , Gnu11 = "gnu11"
          , Gnu17 = "gnu17"
          , Gnu23 = "gnu2x"
          }
          std

let -- The names that compilers took before each standard was published, which all still take.
    cxxStd =
      \(std : CxxStd) ->
        merge
          { Cxx11 = "c++11"
          , Cxx14 = "c++14"
          , Cxx17 = "c++17"
          , Cxx20 = "c++20"
          , Cxx23 = "c++2b"
          , Gnuxx11 = "gnu++11"
          , Gnuxx14 = "gnu++14"
          , Gnuxx17 = "gnu++17"
          , Gnuxx20 = "gnu++20"
          , Gnuxx23 = "gnu++2b"
          }
          std

let optText =
      \(level : OptLevel) ->
        merge
          { O0 = "0", O1 = "1", O2 = "2", O3 = "3", Os = "s", Oz = "z", Og = "g" }
          level

let sanitizerText =
      \(sanitizer : Sanitizer) ->
        merge
          { Address = "address"
          , Thread = "thread"
          , Memory = "memory"
          , Undefined = "undefined"
          , Leak = "leak"
          }
          sanitizer

let defineText =
      \(define : { name : Text, value : Optional Text }) ->
        merge
          { None = define.name, Some = \(v : Text) -> "${define.name}=${v}" }
          define.value

let nothing = [] : List Part

let compile = \(word : Text) -> [ Part.Compile word ]

let link = \(word : Text) -> [ Part.Link word ]

let both = \(word : Text) -> [ Part.Compile word, Part.Link word ]

let wl = \(word : Text) -> link "-Wl,${word}"

let Lto = { Off : Parts, Thin : Parts, Fat : Parts }

let -- What is not C's own business (Panic) is nothing.
    table =
      \(lto : Lto) ->
        { OptLevel = \(level : OptLevel) -> both "-O${optText level}"
        , LTO = \(mode : LTOMode) -> merge lto mode
        , Debug =
            \(info : DebugInfo) ->
              compile
                ( merge
                    { None = "-g0", LineTablesOnly = "-g1", Full = "-g" }
                    info
                )
        , Panic = \(strategy : PanicStrategy) -> nothing
        , Sanitizer =
            \(sanitizer : Sanitizer) ->
              let word = "-fsanitize=${sanitizerText sanitizer}"

              in  [ Part.Compile word
                  , Part.Compile "-fno-omit-frame-pointer"
                  , Part.Link word
                  ]
        , TargetCpu =
            \(cpu : Triple.Cpu) -> L.map Text Part Part.Compile (Triple.cpuFlags cpu)
        , TargetFeature =
            \(feature : { enable : Bool, name : Text }) ->
              compile "-m${if feature.enable then "" else "no-"}${feature.name}"
        , PIC = compile "-fPIC"
        , NoPIC = compile "-fno-PIC"
        , PIE = [ Part.Compile "-fPIE", Part.Link "-pie" ]
        , NoPIE = [ Part.Compile "-fno-PIE", Part.Link "-no-pie" ]
        , Define =
            \(define : { name : Text, value : Optional Text }) ->
              compile "-D${defineText define}"
        , Undef = \(name : Text) -> compile "-U${name}"
        , Include = \(dir : Text) -> compile "-I${dir}"
        , SystemInclude =
            \(dir : Text) -> [ Part.Compile "-isystem", Part.Compile dir ]
        , LibPath = \(dir : Text) -> link "-L${dir}"
        , Link = \(name : Text) -> link "-l${name}"
        , Std =
            \(std : Std) ->
              merge
                { C = \(c : CStd) -> [ Part.C "-std=${cStd c}" ]
                , Cxx = \(cxx : CxxStd) -> [ Part.Cxx "-std=${cxxStd cxx}" ]
                }
                std
        , Warnings =
            \(warnings : Warnings) ->
              merge
                { All = [ Part.Compile "-Wall", Part.Compile "-Wextra" ]
                , None = compile "-w"
                , Error = compile "-Werror"
                }
                warnings
        , W = \(name : Text) -> compile "-W${name}"
        , Wno = \(name : Text) -> compile "-Wno-${name}"
        , March = \(name : Text) -> compile "-march=${name}"
        , Mtune = \(name : Text) -> compile "-mtune=${name}"
        , FunctionSections = compile "-ffunction-sections"
        , NoFunctionSections = compile "-fno-function-sections"
        , DataSections = compile "-fdata-sections"
        , NoDataSections = compile "-fno-data-sections"
        , Exceptions = compile "-fexceptions"
        , NoExceptions = [ Part.Cxx "-fno-exceptions" ]
        , RTTI = [ Part.Cxx "-frtti" ]
        , NoRTTI = [ Part.Cxx "-fno-rtti" ]
        , Pthread = both "-pthread"
        , Static = link "-static"
        , Shared = link "-shared"
        , Rpath = \(dir : Text) -> wl "-rpath,${dir}"
        , RpathLink = \(dir : Text) -> wl "-rpath-link,${dir}"
        , Soname = \(name : Text) -> wl "-soname,${name}"
        , VersionScript = \(file : Text) -> wl "--version-script=${file}"
        , GcSections = wl "--gc-sections"
        , NoGcSections = wl "--no-gc-sections"
        , AsNeeded = wl "--as-needed"
        , NoAsNeeded = wl "--no-as-needed"
        , ExportDynamic = wl "--export-dynamic"
        , NoExportDynamic = wl "--no-export-dynamic"
        , Strip = link "-s"
        , Raw = both
        }

let lto =
      { gcc =
        { Off = both "-fno-lto"
        , Thin = both "-flto=auto"
        , Fat =
          [ Part.Compile "-flto=auto"
          , Part.Link "-flto=auto"
          , Part.Link "-flto-partition=one"
          ]
        }
      , clang =
        { Off = both "-fno-lto", Thin = both "-flto=thin", Fat = both "-flto=full" }
      , common =
        { Off = both "-fno-lto", Thin = both "-flto=auto", Fat = both "-flto=auto" }
      }

let gnu
    : Lto -> List Flag -> Parts
    = \(lto : Lto) ->
        let entries = table lto

        in  L.concatMap Flag Part (\(flag : Flag) -> merge entries flag)

let native =
      \(word : Text) -> [ Part.Native word ]

let gcc = table lto.gcc

let rustc =
          gcc
      //  { OptLevel =
              \(level : OptLevel) ->
                native
                  "-Copt-level=${merge
                                   { O0 = "0"
                                   , O1 = "1"
                                   , O2 = "2"
                                   , O3 = "3"
                                   , Os = "s"
                                   , Oz = "z"
                                   , Og = "1"
                                   }
                                   level}"
          , LTO =
              \(mode : LTOMode) ->
                native
                  ( merge
                      { Off = "-Clto=off", Thin = "-Clto=thin", Fat = "-Clto=fat" }
                      mode
                  )
          , Debug =
              \(info : DebugInfo) ->
                native
                  ( merge
                      { None = "-Cdebuginfo=0"
                      , LineTablesOnly = "-Cdebuginfo=1"
                      , Full = "-Cdebuginfo=2"
                      }
                      info
                  )
          , Panic =
              \(strategy : PanicStrategy) ->
                native
                  (merge { Unwind = "-Cpanic=unwind", Abort = "-Cpanic=abort" } strategy)
          , Sanitizer =
              \(sanitizer : Sanitizer) ->
                native "-Zsanitizer=${sanitizerText sanitizer}"
          , TargetCpu =
              \(cpu : Triple.Cpu) ->
                merge
                  { None = nothing
                  , Some = \(name : Text) -> native "-Ctarget-cpu=${name}"
                  }
                  (Triple.cpuText cpu)
          , TargetFeature =
              \(feature : { enable : Bool, name : Text }) ->
                native
                  "-Ctarget-feature=${if feature.enable then "+" else "-"}${feature.name}"
          , PIC = native "-Crelocation-model=pic"
          , NoPIC = native "-Crelocation-model=static"
          , PIE = native "-Crelocation-model=pie"
          , NoPIE = native "-Crelocation-model=static"
          , Define =
              \(define : { name : Text, value : Optional Text }) ->
                native
                  "--cfg=${define.name}${merge
                                           { None = ""
                                           , Some = \(v : Text) -> "=${Text/show v}"
                                           }
                                           define.value}"
          , LibPath = \(dir : Text) -> native "-L${dir}"
          , Link = \(name : Text) -> native "-l${name}"
          , Warnings =
              \(warnings : Warnings) ->
                native
                  ( merge
                      { All = "-Wwarnings"
                      , None = "--cap-lints=allow"
                      , Error = "-Dwarnings"
                      }
                      warnings
                  )
          , W = \(name : Text) -> native "-W${name}"
          , Wno = \(name : Text) -> native "-A${name}"
          , March = \(name : Text) -> native "-Ctarget-cpu=${name}"
          , Pthread = nothing
          , Static = native "-Ctarget-feature=+crt-static"
          , Shared = native "-Ctarget-feature=-crt-static"
          , Strip = native "-Cstrip=symbols"
          , Raw = native
          }

let ghc =
          gcc
      //  { OptLevel =
              \(level : OptLevel) ->
                native
                  ( merge
                      { O0 = "-O0"
                      , O1 = "-O1"
                      , O2 = "-O2"
                      , O3 = "-O2"
                      , Os = "-O1"
                      , Oz = "-O1"
                      , Og = "-O0"
                      }
                      level
                  )
          , LTO = \(mode : LTOMode) -> nothing
          , Debug =
              \(info : DebugInfo) ->
                native
                  (merge { None = "-g0", LineTablesOnly = "-g1", Full = "-g" } info)
          , PIC = native "-fPIC"
          , Define =
              \(define : { name : Text, value : Optional Text }) ->
                native "-D${defineText define}"
          , Undef = \(name : Text) -> native "-U${name}"
          , Include = \(dir : Text) -> native "-I${dir}"
          , LibPath = \(dir : Text) -> native "-L${dir}"
          , Link = \(name : Text) -> native "-l${name}"
          , Warnings =
              \(warnings : Warnings) ->
                native (merge { All = "-Wall", None = "-w", Error = "-Werror" } warnings)
          , W = \(name : Text) -> native "-W${name}"
          , Wno = \(name : Text) -> native "-Wno-${name}"
          , Static = native "-static"
          , Shared = native "-dynamic"
          , Raw = native
          }

let nvcc =
          gcc
      //  { OptLevel = \(level : OptLevel) -> native "-O${optText level}"
          , LTO =
              \(mode : LTOMode) ->
                merge
                  { Off = nothing, Thin = native "-dlto", Fat = native "-dlto" }
                  mode
          , Debug =
              \(info : DebugInfo) ->
                merge
                  { None = nothing
                  , LineTablesOnly = native "-lineinfo"
                  , Full = [ Part.Native "-g", Part.Native "-G" ]
                  }
                  info
          , Define =
              \(define : { name : Text, value : Optional Text }) ->
                native "-D${defineText define}"
          , Include = \(dir : Text) -> native "-I${dir}"
          , SystemInclude =
              \(dir : Text) -> [ Part.Native "-isystem", Part.Native dir ]
          , LibPath = \(dir : Text) -> native "-L${dir}"
          , Link = \(name : Text) -> native "-l${name}"
          , Std =
              \(std : Std) ->
                merge
                  { C = \(c : CStd) -> nothing
                  , Cxx = \(cxx : CxxStd) -> native "-std=${cxxStd cxx}"
                  }
                  std
          , Shared = native "-shared"
          , Raw = native
          }

let words
    : Parts -> forall (r : Type) -> (Words -> r) -> r
    = {-  `use` gets the words in a variable, so that a normal form has `parts` once.  -}
      \(parts : Parts) ->
      \(r : Type) ->
      \(use : Words -> r) ->
        List/fold
          Part
          parts
          (Words -> r)
          ( \(part : Part) ->
            \(rest : Words -> r) ->
            \(w : Words) ->
              rest
                ( merge
                    { Compile = \(t : Text) -> w // { compile = w.compile # [ t ] }
                    , C = \(t : Text) -> w // { c = w.c # [ t ] }
                    , Cxx = \(t : Text) -> w // { cxx = w.cxx # [ t ] }
                    , Link = \(t : Text) -> w // { link = w.link # [ t ] }
                    , Native = \(t : Text) -> w
                    }
                    part
                )
          )
          use
          { compile = [] : List Text
          , c = [] : List Text
          , cxx = [] : List Text
          , link = [] : List Text
          }

let -- Words behind an option stand alone, so that nothing in them needs quoting.
    option = \(name : Text) -> \(word : Text) -> [ name, word ]

let none = \(word : Text) -> [] : List Text

let itself = \(word : Text) -> [ word ]

let spell =
      \(handlers : { compile : Text -> List Text, cxx : Text -> List Text, c : Text -> List Text, link : Text -> List Text }) ->
        L.concatMap
          Part
          Text
          ( \(part : Part) ->
              merge
                { Compile = handlers.compile
                , C = handlers.c
                , Cxx = handlers.cxx
                , Link = handlers.link
                , Native = itself
                }
                part
          )

let -- Of what is only for a C compiler rustc gets nothing, of the linker's flags all.
    forRustc
    : List Flag -> List Text
    = \(flags : List Flag) ->
        spell
          { compile = none
          , c = none
          , cxx = none
          , link = \(word : Text) -> [ "-C", "link-arg=${word}" ]
          }
          (L.concatMap Flag Part (\(flag : Flag) -> merge rustc flag) flags)

let -- C's flags go to the C compiler that GHC calls.
    forGhc
    : List Flag -> List Text
    = \(flags : List Flag) ->
        spell
          { compile = option "-optc"
          , c = option "-optc"
          , cxx = option "-optcxx"
          , link = option "-optl"
          }
          (L.concatMap Flag Part (\(flag : Flag) -> merge ghc flag) flags)

let -- What nvcc does not take itself it hands to the host compiler.
    forNvcc
    : List Flag -> List Text
    = \(flags : List Flag) ->
        let host = option "-Xcompiler"

        in  spell
              { compile = host, c = none, cxx = host, link = host }
              (L.concatMap Flag Part (\(flag : Flag) -> merge nvcc flag) flags)

in  { OptLevel
    , LTOMode
    , DebugInfo
    , PanicStrategy
    , Sanitizer
    , Warnings
    , CStd
    , CxxStd
    , Std
    , Flag
    , Words
    , Part
    , cStd
    , cxxStd
    , lto
    , gnu
    , words
    , rustc = forRustc
    , ghc = forGhc
    , nvcc = forNvcc
    }
