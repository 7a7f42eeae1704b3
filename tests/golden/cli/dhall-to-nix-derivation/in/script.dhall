let D = ./prelude/Derivation.dhall

let C = D.Command

in  D.constrained
      "script"
      ( D.Builder.Script
          [ C.Mkdir "\$out/bin"
          , C.Copy { from = "a file", to = "\$out/a'b" }
          , C.Move { from = "\$outside", to = "\$PATH" }
          , C.Remove "tmp"
          , C.Symlink { target = "x", link = "\$out" }
          , C.Chmod { path = "x", mode = "0755" }
          , C.Write { path = "x", content = "two\nlines" }
          , C.Append { path = "x", content = "" }
          , C.Substitute { path = "x", from = "@a@", to = "\$out" }
          , C.Untar { archive = "a.tar", strip = 1 }
          , C.Unzip "a.zip"
          , C.Patch { file = "a.patch", strip = 1 }
          , C.PatchElf { path = "x", interpreter = Some "/ld.so", rpath = Some "\$out/lib" }
          , C.Configure [ "--prefix=x" ]
          , C.Make [ "all", "A=b c" ]
          , C.Install { from = "x", to = "\$out/bin/x", mode = "755" }
          , C.Run { program = "./run me", arguments = [ "--yes", "\$(no)" ] }
          ]
      )
      ([] : List D.ConstrainedInput)
