-- attributes that go into the builder as JSON
let D = ./prelude/Derivation.dhall

let nix = D.builtins.toNix

in      D.mkDerivation "structured" (D.Input.Src "./src")
    //  { attrs = toMap
            { __structuredAttrs = nix "true"
            , nested = nix "{ a.b = [ 1 2.5 null true ./fix.patch ]; \"odd name\" = { }; }"
            , hardeningDisable = nix "[ \"all\" ]"
            , libraries = nix "map (x: \"\${x}/lib\") [ zlib openssl.dev ]"
            , outputChecks = nix "{ out.allowedReferences = [ \"out\" ]; }"
            }
        , configureFlags = [ "--with", "two words", "\"quoted\"", "\${out}" ]
        , env = [ { name = "LANG", value = "C" } ]
        }
