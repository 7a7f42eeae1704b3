{-  What a constrained derivation runs: a build system with typed settings, or typed commands.  No
    shell: an argument is one word, whatever is in it.  -}
let Command =
      {-  Paths are relative to the sources; `$out` and the like begin those of outputs.
      Substitute  every `from` in the file becomes `to`
      Run         any program of the inputs, with its arguments  -}
      < Mkdir : Text
      | Copy : { from : Text, to : Text }
      | Move : { from : Text, to : Text }
      | Remove : Text
      | Symlink : { target : Text, link : Text }
      | Chmod : { path : Text, mode : Text }
      | Write : { path : Text, content : Text }
      | Append : { path : Text, content : Text }
      | Substitute : { path : Text, from : Text, to : Text }
      | Untar : { archive : Text, strip : Natural }
      | Unzip : Text
      | Patch : { file : Text, strip : Natural }
      | PatchElf :
          { path : Text, interpreter : Optional Text, rpath : Optional Text }
      | Configure : List Text
      | Make : List Text
      | Install : { from : Text, to : Text, mode : Text }
      | Run : { program : Text, arguments : List Text }
      >

let Builder =
      < CMake : { flags : List Text, buildType : Text }
      | Autotools : { configureFlags : List Text, makeFlags : List Text }
      | Meson : { flags : List Text }
      | Cargo
      | Cabal
      | Script : List Command
      | NoBuilder
      >

in  { Command, Builder }
