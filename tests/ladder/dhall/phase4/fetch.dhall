let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { hashed =
        S.action
          "hashed"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "hashed"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, fetchurl }:

              stdenv.mkDerivation {
                name = "hashed";
                src = fetchurl {
                  url = "https://example.org/a.tar";
                  sha256 = "00";
                };
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
    , git =
        S.action
          "git"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "git"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, fetchgit }:

              stdenv.mkDerivation {
                name = "git";
                src = fetchgit {
                  url = "https://example.org/a.git";
                  rev = "1";
                  sha256 = "00";
                };
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
    , loose =
        D.mkDerivation
          "loose"
          ( D.Input.Fetch
              { url = "https://example.org/a.tar"
              , rev = None Text
              , sha256 = None Text
              }
          )
        //  { allowedReferences = Some [ "out" ] }
    }
