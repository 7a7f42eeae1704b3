let A = ../../prelude/Analysis.dhall

let L = ../../prelude/List.dhall

let Target = ../../prelude/Target.dhall

let Triple = ../../prelude/Triple.dhall

let f = ../../prelude/foreign.dhall

let a = ../../prelude/archive.dhall

let show = ./show.dhall

let context =
      { host = Triple.x86_64_linux
      , target = Triple.x86_64_linux
      , mode = Target.Mode.Debug
      }

let none = [] : List Text

let -- The scripts are long: tests/e2e/foreign.sh runs them.
    short =
      \(x : A.Analysis) ->
        let act =
              \(act : A.Act) ->
                let same = [ act ]

                in  merge
                      { Step = \(s : A.Step) -> [ A.Act.Step (s // { env = [] : List { name : Text, value : A.Word } }) ]
                      , Write =
                          \(w : { output : Text, content : A.Word, executable : Bool }) ->
                            [ A.Act.Write (w // { content = A.word "…" }) ]
                      , Copy = \(c : { output : Text, from : A.Input }) -> same
                      , Symlink = \(s : { output : Text, target : Text }) -> same
                      , Tree =
                          \(t : { output : Text, entries : List { path : Text, from : A.Input } }) ->
                            same
                      , Artifact = \(x : { output : Text, digest : Text }) -> same
                      , Sources = \(x : { output : Text, from : List A.Input }) -> same
                      , Fetch =
                          \ ( x
                            : { output : Text
                              , urls : List Text
                              , hash : Text
                              , unpack : Bool
                              , strip : Optional Text
                              , executable : Bool
                              }
                            ) ->
                            same
                      }
                      act

        in  show.analysis
              (     x
                //  { actions = L.concatMap A.Act A.Act act x.actions
                    , tests = [] : List A.Step
                    }
              )

let zlib =
          f.autotools "zlib" [ ":zlib-src", "more.c" ] [ ":dep" ]
      //  { patches = [ "a.patch" ]
          , shared_libs = [ "libz.so.1" ]
          , executable = Some "bin/z"
          , linkopts = [ "-lm" ]
          , toolchains = [ "python" ]
          }

let lua =
          f.make "lua" [ "Makefile" ] none
      //  { libs = Some none, mode = None Target.Mode, includes = none }

let src =
          a.http_archive "src" "https://a/x.tar.gz" "00"
      //  { mirrors = [ "file:///x.tar.gz" ], strip_prefix = Some "x" }

let patched =
      a.http_archive "src" "https://a/x.tar.gz" "00" // { patches = [ "a.patch" ] }

let file =
      a.http_archive "file" "https://a/x" "00" // { type = a.types.ArchiveType.File }

in  { autotools =
          assert
        :     short (zlib.analyze zlib.(f.types.Autotools) context)
          ===  ''
               sources zlib.src: <:zlib-src> <more.c>
               write zlib.sh: …
               zlib: {foreign/sh} >zlib.sh build {outputs} :optimize {cxx.compile_release} :compile {cxx.compile} :c {cxx.compile_c} :cxx {cxx.compile_cxx} :link {cxx.link_release} {cxx.link} :prefix {foreign.prefix(:dep)} :include {cxx.include(:dep)} :define {cxx.defines(:dep)} :archive {cxx.archives(:dep)} :patch <a.patch>
                 inputs: >zlib.src cxx.headers(:dep)
                 outputs: zlib.link zlib.libs/libz.so.1 zlib.bin/bin/z
                 directories: zlib
                 toolchains: cxx foreign python
               provides foreign.prefix: >zlib | :dep
               provides cxx.headers: >zlib | :dep
               provides cxx.include: {outputs}/zlib/include | :dep
               provides cxx.defines: | :dep
               provides cxx.archives: -L>zlib/lib @>zlib.link | :dep
               provides cxx.shared: >zlib.libs/libz.so.1 | :dep
               provides cxx.linkopts: -lm | :dep
               outputs: zlib
               executable: zlib.bin/bin/z
               ''
    , make-without-libraries =
          assert
        :     short (lua.analyze lua.(f.types.Make) context)
          ===  ''
               sources lua.src: <Makefile>
               write lua.sh: …
               lua: {foreign/sh} >lua.sh build {outputs} :optimize {cxx.compile_debug} :compile {cxx.compile} :c {cxx.compile_c} :cxx {cxx.compile_cxx} :link {cxx.link_debug} {cxx.link} :prefix {foreign.prefix()} :include {cxx.include()} :define {cxx.defines()} :archive {cxx.archives()} :patch
                 inputs: >lua.src cxx.headers()
                 outputs: lua.link
                 directories: lua
                 toolchains: cxx foreign
               provides foreign.prefix: >lua
               provides cxx.headers: >lua
               provides cxx.include:
               provides cxx.defines:
               provides cxx.archives:
               provides cxx.shared:
               provides cxx.linkopts:
               outputs: lua
               ''
    , http_archive =
          assert
        :     show.analysis (src.analyze src.(a.types.HttpArchive) context)
          ===  ''
               fetch src: https://a/x.tar.gz file:///x.tar.gz 00 unpack strip=x
               outputs: src
               ''
    , http_archive-patched =
          assert
        :     short (patched.analyze patched.(a.types.HttpArchive) context)
          ===  ''
               fetch src.orig: https://a/x.tar.gz 00 unpack
               write src.sh: …
               src: {foreign/sh} >src.sh >src.orig >src <a.patch>
                 directories: src
               outputs: src
               ''
    , http_archive-file =
          assert
        :     show.analysis (file.analyze file.(a.types.HttpArchive) context)
          ===  ''
               fetch file: https://a/x 00
               outputs: file
               ''
    }
