let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

let own = \(t : S.Toolchain.Toolchain) -> { toolchain = Some t }

in  { raw =
            S.rust_library "raw" [ "lib.rs" ] none
        //  { rustc_flags = [ S.Flag.PIC, S.Flag.Raw "-Cforce-frame-pointers" ] }
    , host =
            S.rust_test "host" [ "lib.rs" ] none
        //  own (S.Toolchain.hostRust { packages = none })
    , nix =
            S.rust_binary "nix" [ "main.rs" ] [ ":raw" ]
        //  own (./toolchains/rustc.dhall)
    , typed =
            S.rust_library "typed" [ "lib.rs" ] none
        //  { rustc_flags = [ S.Flag.Panic S.Flags.PanicStrategy.Abort ] }
    }
