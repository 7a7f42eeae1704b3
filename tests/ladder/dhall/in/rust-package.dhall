let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.buildRustPackage "fd" (D.Input.Src "./src") "sha256-0000000000000000000000000000000000000000000="
    //  { version = Some "9.0", nativeBuildInputs = [ D.drv "installShellFiles" ] }
