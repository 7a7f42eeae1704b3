-- every attribute of mkDerivation, each other than its default
let D = ./prelude/Derivation.dhall

in      D.mkDerivation "everything" (D.Input.Src "./src")
    //  { version = Some "1.2.3"
        , system = D.System.aarch64-linux
        , buildInputs = [ D.drv "zlib", D.Input.Drv { drv = "openssl", outputs = [ "dev", "out" ] } ]
        , nativeBuildInputs = [ D.drv "pkg-config" ]
        , propagatedBuildInputs = [ D.drv "libffi" ]
        , patches = [ D.Input.Src "fix.patch" ]
        , configureFlags = [ "--prefix=\${out}", "--with-a-flag-that-is-quite-long=yes", "--with-another=one-of-them" ]
        , makeFlags = [ "V=1" ]
        , env = [ { name = "CFLAGS", value = "-O2" }, { name = "not a word", value = "\"\$" } ]
        , attrs = toMap { passthru = D.builtins.toNix "{ tests = callPackage ./tests.nix { }; } # here" }
        , phases = Some
          [ D.Phase.Unpack, D.Phase.Build, D.Phase.Custom "myPhase", D.Phase.Custom "echo done", D.Phase.InstallCheck ]
        , unpackPhase = Some "unpack"
        , patchPhase = Some "patch"
        , configurePhase = Some "configure"
        , buildPhase = Some
            ''
            make all
              indented ''${HOME}
            make docs
            ''
        , checkPhase = Some "check"
        , installPhase = Some "install"
        , fixupPhase = Some "fixup"
        , installCheckPhase = Some "installcheck"
        , doCheck = True
        , dontFixup = True
        , dontStrip = True
        , outputs = [ "out", "dev" ]
        , allowedReferences = Some [ "out", "zlib", "/nix/store/else" ]
        , allowSubstitutes = False
        , __impure = True
        , meta =
          { description = Some "All of it"
          , license = Some "MIT"
          , platforms = [ D.System.x86_64-linux, D.System.x86_64-darwin ]
          }
        }
