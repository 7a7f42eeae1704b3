{-  The prelude, `S`: every rule at top level, modules as fields.  -}
let A = ./Analysis.dhall

let Action = ./Action.dhall

let Derivation = ./Derivation.dhall

let Triple = ./Triple.dhall

let Flags = ./Flags.dhall

let Target = ./Target.dhall

let Workspace = ./Workspace.dhall

let cxx = ./cxx.dhall

let rust = ./rust.dhall

let general = ./general.dhall

let foreign = ./foreign.dhall

let archive = ./archive.dhall

in  { Analysis = A
    , List = ./List.dhall
    , Action
    , Builder = ./Builder.dhall
    , Derivation
    , Flags
    , Target
    , Toolchain = ./Toolchain.dhall
    , Triple
    , Workspace = Workspace.{ Type, default, Level, Remote, userland, foreign, autoreconf, cmake, meson, python, cargo, rust }
    , Remote = Workspace.Remote
    , renderWorkspace = Workspace.render
    , Visibility = Target.Visibility
    , Mode = Target.Mode
    , Level = Workspace.Level
    , Flag = Flags.Flag
    , CStd = Flags.CStd
    , CxxStd = Flags.CxxStd
    , LinkStyle = cxx.types.LinkStyle
    , Input = A.Input
    , Piece = A.Piece
    , Resource = A.Resource
    , word = A.word
    , source = A.source
    , output = A.output
    , Command = general.types.Command
    , Run = general.types.Run
    , Tool = general.types.Tool
    , program = general.program
    , built = general.built
    , cxx_library = cxx.cxx_library
    , cxx_binary = cxx.cxx_binary
    , cxx_test = cxx.cxx_test
    , cxx = cxx.types
    , rust_library = rust.rust_library
    , rust_binary = rust.rust_binary
    , rust_test = rust.rust_test
    , rust = rust.types
    , Edition = rust.types.Edition
    , CrateType = rust.types.CrateType
    , genrule = general.genrule
    , filegroup = general.filegroup
    , alias = general.alias
    , test_suite = general.test_suite
    , artifact = general.artifact
    , action = Action.action
    , ArchiveType = archive.types.ArchiveType
    , foreign = foreign.types /\ archive.types
    , autotools = foreign.autotools
    , cmake = foreign.cmake
    , make = foreign.make
    , meson = foreign.meson
    , script = foreign.script
    , http_archive = archive.http_archive
    , nixCompat = Derivation.nixCompat
    }
