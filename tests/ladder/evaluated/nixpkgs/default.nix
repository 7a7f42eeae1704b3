# A small nixpkgs: what mkDerivation and fetchurl give has the form of the real one's.
{ config ? { } }:
let
  callPackageWith = scope: f: arguments:
    let function = if builtins.isFunction f then f else import f; in
    function (builtins.intersectAttrs (builtins.functionArgs function) scope // arguments);
  stdenv = {
    inherit (builtins) currentSystem;
    isLinux = true;
    mkDerivation = import ./stdenv/make.nix;
  };
  runCommand = name: attrs: buildCommand: stdenv.mkDerivation ({ inherit name buildCommand; passAsFile = [ "buildCommand" ]; } // attrs);
  self = {
    inherit stdenv runCommand;
    lib = { optional = c: x: if c then [ x ] else [ ]; version = "14"; };
    callPackage = callPackageWith self;
    fetchurl = { url ? "", urls ? [ url ], sha256, name ? baseNameOf (builtins.head urls) }: stdenv.mkDerivation {
      inherit name urls;
      outputHashAlgo = "sha256";
      outputHash = sha256;
      outputHashMode = "flat";
      builder = ./stdenv/fetch.sh;
    };
    writeText = name: text: runCommand name { inherit text; executable = ""; passAsFile = [ "text" ]; } ''
      mv "$textPath" "$out"
    '';
    zlib = self.callPackage ./zlib.nix { };
    cmake = self.callPackage ./cmake.nix { };
    special = self.callPackage ./special.nix { };
  };
in self
