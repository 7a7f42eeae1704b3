let F = ../../prelude/Flags.dhall

let Flag = F.Flag

let gnu =
      \(lto : { Off : List F.Part, Thin : List F.Part, Fat : List F.Part }) ->
      \(flags : List Flag) ->
        F.words (F.gnu lto flags) F.Words (\(w : F.Words) -> w)

let none = [] : List Text

let empty = { compile = none, c = none, cxx = none, link = none }

let mixed =
      [ Flag.OptLevel F.OptLevel.O2
      , Flag.LTO F.LTOMode.Thin
      , Flag.SystemInclude "a b"
      , Flag.Std (F.Std.C F.CStd.C17)
      , Flag.Std (F.Std.Cxx F.CxxStd.Cxx20)
      , Flag.NoRTTI
      , Flag.Define { name = "NAME", value = Some "\"x y\"" }
      , Flag.Rpath "/opt/lib"
      , Flag.Panic F.PanicStrategy.Abort
      ]

let -- Every alternative without a payload, in C's terms.
    bare =
      [ Flag.PIC
      , Flag.NoPIC
      , Flag.PIE
      , Flag.NoPIE
      , Flag.FunctionSections
      , Flag.NoFunctionSections
      , Flag.DataSections
      , Flag.NoDataSections
      , Flag.Exceptions
      , Flag.NoExceptions
      , Flag.RTTI
      , Flag.NoRTTI
      , Flag.Pthread
      , Flag.Static
      , Flag.Shared
      , Flag.GcSections
      , Flag.NoGcSections
      , Flag.AsNeeded
      , Flag.NoAsNeeded
      , Flag.ExportDynamic
      , Flag.NoExportDynamic
      , Flag.Strip
      ]

let named =
      [ Flag.Undef "A"
      , Flag.Include "inc"
      , Flag.LibPath "lib"
      , Flag.Link "m"
      , Flag.W "shadow"
      , Flag.Wno "unused"
      , Flag.March "znver3"
      , Flag.Mtune "znver4"
      , Flag.RpathLink "rl"
      , Flag.Soname "libx.so.1"
      , Flag.VersionScript "x.map"
      , Flag.Raw "-fweird"
      , Flag.TargetFeature { enable = True, name = "avx2" }
      , Flag.TargetFeature { enable = False, name = "sse3" }
      ]

in  { gcc =
          assert
        :     gnu F.lto.gcc mixed
          ===  { compile =
                 [ "-O2", "-flto=auto", "-isystem", "a b", "-DNAME=\"x y\"" ]
               , c = [ "-std=c17" ]
               , cxx = [ "-std=c++20", "-fno-rtti" ]
               , link = [ "-O2", "-flto=auto", "-Wl,-rpath,/opt/lib" ]
               }
    , clang =
          assert
        :     gnu F.lto.clang [ Flag.LTO F.LTOMode.Thin, Flag.LTO F.LTOMode.Fat ]
          ===      empty
              //  { compile = [ "-flto=thin", "-flto=full" ]
                  , link = [ "-flto=thin", "-flto=full" ]
                  }
    , bare =
          assert
        :     gnu F.lto.common bare
          ===  { compile =
                 [ "-fPIC"
                 , "-fno-PIC"
                 , "-fPIE"
                 , "-fno-PIE"
                 , "-ffunction-sections"
                 , "-fno-function-sections"
                 , "-fdata-sections"
                 , "-fno-data-sections"
                 , "-fexceptions"
                 , "-pthread"
                 ]
               , c = none
               , cxx = [ "-fno-exceptions", "-frtti", "-fno-rtti" ]
               , link =
                 [ "-pie"
                 , "-no-pie"
                 , "-pthread"
                 , "-static"
                 , "-shared"
                 , "-Wl,--gc-sections"
                 , "-Wl,--no-gc-sections"
                 , "-Wl,--as-needed"
                 , "-Wl,--no-as-needed"
                 , "-Wl,--export-dynamic"
                 , "-Wl,--no-export-dynamic"
                 , "-s"
                 ]
               }
    , named =
          assert
        :     gnu F.lto.common named
          ===      empty
              //  { compile =
                    [ "-UA"
                    , "-Iinc"
                    , "-Wshadow"
                    , "-Wno-unused"
                    , "-march=znver3"
                    , "-mtune=znver4"
                    , "-fweird"
                    , "-mavx2"
                    , "-mno-sse3"
                    ]
                  , link =
                    [ "-Llib"
                    , "-lm"
                    , "-Wl,-rpath-link,rl"
                    , "-Wl,-soname,libx.so.1"
                    , "-Wl,--version-script=x.map"
                    , "-fweird"
                    ]
                  }
    , sanitizer =
          assert
        :     gnu F.lto.common [ Flag.Sanitizer F.Sanitizer.Address ]
          ===      empty
              //  { compile = [ "-fsanitize=address", "-fno-omit-frame-pointer" ]
                  , link = [ "-fsanitize=address" ]
                  }
    , rustc =
          assert
        :     F.rustc mixed
          ===  [ "-Copt-level=2"
               , "-Clto=thin"
               , "--cfg=NAME=\"\\\"x y\\\"\""
               , "-C"
               , "link-arg=-Wl,-rpath,/opt/lib"
               , "-Cpanic=abort"
               ]
    , ghc =
          assert
        :     F.ghc mixed
          ===  [ "-O2"
               , "-optc"
               , "-isystem"
               , "-optc"
               , "a b"
               , "-optc"
               , "-std=c17"
               , "-optcxx"
               , "-std=c++20"
               , "-optcxx"
               , "-fno-rtti"
               , "-DNAME=\"x y\""
               , "-optl"
               , "-Wl,-rpath,/opt/lib"
               ]
    , nvcc =
          assert
        :     F.nvcc mixed
          ===  [ "-O2"
               , "-dlto"
               , "-isystem"
               , "a b"
               , "-std=c++20"
               , "-Xcompiler"
               , "-fno-rtti"
               , "-DNAME=\"x y\""
               , "-Xcompiler"
               , "-Wl,-rpath,/opt/lib"
               ]
    }
