{-  What every rule shares.  A target is a record: `common`, the rule's own attributes, `toolchain`
    and `analyze : Attributes -> Context -> Analysis`, where Attributes is the type of the record
    without `analyze`.  -}
let Triple = ./Triple.dhall

let Visibility =
      {-  Package  this package and those below it
          Targets  labels, or "//package:*" for all of a package
          -}
      < Public | Private | Package | Targets : List Text >

let Common =
      { name : Text
      , visibility : Visibility
      , labels : List Text
      , licenses : List Text
      }

let Mode = < Debug | Release >

let Context = { host : Triple.Triple, target : Triple.Triple, mode : Mode }

let common =
      \(name : Text) ->
          { name
          , visibility = Visibility.Public
          , labels = [] : List Text
          , licenses = [] : List Text
          }
        : Common

let -- "debug" or "release", as in the toolchains' categories.
    modeText = \(mode : Mode) -> merge { Debug = "debug", Release = "release" } mode

in  { Visibility, Common, Mode, Context, common, modeText }
