let D = ./prelude/Derivation.dhall

in      D.mkDerivation
          "inputs"
          ( D.fetchurl
              { url = "https://example.org/a.tar.gz"
              , sha256 = "0000000000000000000000000000000000000000000000000000"
              }
          )
    //  { buildInputs =
          [ D.drv "python3Packages.numpy"
          , D.drv "0ad"
          , D.Input.Drv { drv = "/nix/store/00000000000000000000000000000000-x.drv", outputs = [ "dev" ] }
          , D.Input.Src "."
          , D.Input.Src "../sibling/"
          , D.Input.Src "/etc/hosts"
          , D.Input.Src "a b.txt"
          , D.Input.Src "/a b"
          , D.Input.Store
              { name = "blob"
              , digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/0"
              }
          , D.fetchgit
              { url = "https://example.org/a.git"
              , rev = "abc"
              , sha256 = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
              }
          , D.Input.Fetch { url = "https://example.org/b", rev = None Text, sha256 = None Text }
          , D.Input.Fetch { url = "https://example.org/b", rev = Some "abc", sha256 = None Text }
          , D.Input.Nix (D.builtins.toNix "with pkgs; [ a b ]")
          , D.Input.Nix (D.builtins.toNix "let x = lib.id; in x sqlite # the database")
          ]
        }
