let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "glib"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "glib"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, glib-source, meson, ninja, pkg-config, libffi, pcre2, zlib, util-linux }:

              stdenv.mkDerivation {
                name = "glib";
                src = glib-source;
                nativeBuildInputs = [ meson ninja pkg-config ];
                buildInputs = [ libffi pcre2 zlib ];
                propagatedBuildInputs = [ util-linux ];
                allowSubstitutes = false;
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
