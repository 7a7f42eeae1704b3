-- What the Rust rules say, for each kind of crate.
let A = ../../prelude/Analysis.dhall

let F = ../../prelude/Flags.dhall

let Target = ../../prelude/Target.dhall

let Toolchain = ../../prelude/Toolchain.dhall

let Triple = ../../prelude/Triple.dhall

let cxx = ../../prelude/cxx.dhall

let rust = ../../prelude/rust.dhall

let show = (./show.dhall).analysis

let none = [] : List Text

let context =
      { host = Triple.x86_64_linux
      , target = Triple.x86_64_linux
      , mode = Target.Mode.Debug
      }

let nightly =
      Toolchain.mkRustToolchain
        "1.99"
        (Toolchain.Artifact.Tree "aa/1")
        (Triple.x86_64_linux // { cpu = Triple.Cpu.x86_64_v3 })

let library = rust.rust_library "my-lib" [ "src/lib.rs", "src/a.rs" ] [ "//c:c" ]

let full =
          library
      //  { proc_macro = [ ":derive" ]
          , edition = rust.types.Edition.E2018
          , crate_name = Some "mine"
          , features = [ "std", "fast path" ]
          , rustc_flags =
            [ F.Flag.Panic F.PanicStrategy.Abort, F.Flag.Link "z", F.Flag.AsNeeded ]
          , compile_data = [ "grammar.txt" ]
          , toolchain = Some nightly
          }

let of =
      \(crate_type : rust.types.CrateType) ->
        let crate = library // { crate_type }

        in  show (crate.analyze crate.(rust.types.Library) context)

let program = rust.rust_binary "my-app" [ "main.rs" ] [ ":my-lib" ]

let shared = program // { link_style = cxx.types.LinkStyle.Shared }

let test =
          rust.rust_test "t" [ "t.rs" ] [ ":my-lib" ]
      //  { args = [ "--test-threads=1" ], data = [ "t.txt" ], env = toMap { A = "b" } }

let crates = rust.types.CrateType

in  { library =
          assert
        :     show (library.analyze library.(rust.types.Library) context)
          ===  ''
               libmy_lib.rlib: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=my_lib --edition=2021 -Cmetadata=//{package}:my-lib --remap-path-prefix=/work=. {--extern rust.extern[//c:c]} {-Ldependency=rust.search(//c:c)} --crate-type=lib --out-dir={outputs} --emit=dep-info={outputs}/my-lib.d --emit=link=>libmy_lib.rlib <src/lib.rs>
                 inputs: rust.crates(//c:c)
                 headers: <src/a.rs>
                 outputs: libmy_lib.rlib
                 depfile: my-lib.d
               provides rust.extern: my_lib=>libmy_lib.rlib
               provides rust.search: {outputs} | //c:c
               provides rust.crates: >libmy_lib.rlib | //c:c
               provides rust.linking: | //c:c
               provides cxx.search: | //c:c
               provides cxx.archives: | //c:c
               provides cxx.shared: | //c:c
               provides cxx.linkopts: | //c:c
               outputs: libmy_lib.rlib
               ''
    , full =
          assert
        :     show (full.analyze full.(rust.types.Library) context)
          ===  ''
               libmine.rlib: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=mine --edition=2018 -Cmetadata=//{package}:my-lib --remap-path-prefix=/work=. --cfg feature="std" --cfg feature="fast path" {--extern rust.extern[//c:c :derive]} {-Ldependency=rust.search(//c:c :derive)} --crate-type=lib -Cpanic=abort -lz -C link-arg=-Wl,--as-needed --out-dir={outputs} --emit=dep-info={outputs}/my-lib.d --emit=link=>libmine.rlib <src/lib.rs>
                 inputs: <grammar.txt> rust.crates(//c:c :derive)
                 headers: <src/a.rs>
                 outputs: libmine.rlib
                 depfile: my-lib.d
               provides rust.extern: mine=>libmine.rlib
               provides rust.search: {outputs} | //c:c :derive
               provides rust.crates: >libmine.rlib | //c:c :derive
               provides rust.linking: | //c:c :derive
               provides cxx.search: | //c:c
               provides cxx.archives: | //c:c
               provides cxx.shared: | //c:c
               provides cxx.linkopts: | //c:c
               outputs: libmine.rlib
               toolchains: rust=rustc1.99
               ''
    , rlib =
          assert
        :     of crates.RLib
          ===  ''
               libmy_lib.rlib: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=my_lib --edition=2021 -Cmetadata=//{package}:my-lib --remap-path-prefix=/work=. {--extern rust.extern[//c:c]} {-Ldependency=rust.search(//c:c)} --crate-type=rlib --out-dir={outputs} --emit=dep-info={outputs}/my-lib.d --emit=link=>libmy_lib.rlib <src/lib.rs>
                 inputs: rust.crates(//c:c)
                 headers: <src/a.rs>
                 outputs: libmy_lib.rlib
                 depfile: my-lib.d
               provides rust.extern: my_lib=>libmy_lib.rlib
               provides rust.search: {outputs} | //c:c
               provides rust.crates: >libmy_lib.rlib | //c:c
               provides rust.linking: | //c:c
               provides cxx.search: | //c:c
               provides cxx.archives: | //c:c
               provides cxx.shared: | //c:c
               provides cxx.linkopts: | //c:c
               outputs: libmy_lib.rlib
               ''
    , dylib =
          assert
        :     of crates.DyLib
          ===  ''
               libmy_lib.so: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=my_lib --edition=2021 -Cmetadata=//{package}:my-lib --remap-path-prefix=/work=. {--extern rust.extern[//c:c]} {-Ldependency=rust.search(//c:c)} -Cprefer-dynamic --crate-type=dylib -Clink-arg=-Wl,-soname,libmy_lib.so -Clinker={cxx/cxx} -Cdefault-linker-libraries=yes {rust.linking(//c:c)} {-Lnative=cxx.search(//c:c)} {-C link-arg=cxx.archives(//c:c)} {-C link-arg=cxx.linkopts(//c:c)} --out-dir={outputs} --emit=dep-info={outputs}/my-lib.d --emit=link=>libmy_lib.so <src/lib.rs>
                 inputs: rust.crates(//c:c)
                 headers: <src/a.rs>
                 outputs: libmy_lib.so
                 depfile: my-lib.d
               provides rust.extern: my_lib=>libmy_lib.so
               provides rust.search: {outputs} | //c:c
               provides rust.crates: >libmy_lib.so | //c:c
               provides rust.linking: -Cprefer-dynamic | //c:c
               provides cxx.search:
               provides cxx.archives:
               provides cxx.shared: >libmy_lib.so
               provides cxx.linkopts:
               outputs: libmy_lib.so
               ''
    , cdylib =
          assert
        :     of crates.CDyLib
          ===  ''
               libmy_lib.so: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=my_lib --edition=2021 -Cmetadata=//{package}:my-lib --remap-path-prefix=/work=. {--extern rust.extern[//c:c]} {-Ldependency=rust.search(//c:c)} --crate-type=cdylib -Clink-arg=-Wl,-soname,libmy_lib.so -Clinker={cxx/cxx} -Cdefault-linker-libraries=yes {rust.linking(//c:c)} {-Lnative=cxx.search(//c:c)} {-C link-arg=cxx.archives(//c:c)} {-C link-arg=cxx.linkopts(//c:c)} --out-dir={outputs} --emit=dep-info={outputs}/my-lib.d --emit=link=>libmy_lib.so <src/lib.rs>
                 inputs: rust.crates(//c:c)
                 headers: <src/a.rs>
                 outputs: libmy_lib.so
                 depfile: my-lib.d
               provides rust.extern:
               provides rust.search:
               provides rust.crates:
               provides rust.linking:
               provides cxx.search:
               provides cxx.archives:
               provides cxx.shared: >libmy_lib.so
               provides cxx.linkopts:
               outputs: libmy_lib.so
               ''
    , staticlib =
          assert
        :     of crates.StaticLib
          ===  ''
               libmy_lib.a: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=my_lib --edition=2021 -Cmetadata=//{package}:my-lib --remap-path-prefix=/work=. {--extern rust.extern[//c:c]} {-Ldependency=rust.search(//c:c)} --crate-type=staticlib --out-dir={outputs} --emit=dep-info={outputs}/my-lib.d --emit=link=>libmy_lib.a <src/lib.rs>
                 inputs: rust.crates(//c:c)
                 headers: <src/a.rs>
                 outputs: libmy_lib.a
                 depfile: my-lib.d
               provides rust.extern:
               provides rust.search:
               provides rust.crates:
               provides rust.linking:
               provides cxx.search: | //c:c
               provides cxx.archives: >libmy_lib.a | //c:c
               provides cxx.shared: | //c:c
               provides cxx.linkopts: -lpthread -ldl -lm | //c:c
               outputs: libmy_lib.a
               ''
    , proc-macro =
          assert
        :     of crates.ProcMacro
          ===  ''
               libmy_lib.so: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=my_lib --edition=2021 -Cmetadata=//{package}:my-lib --remap-path-prefix=/work=. {--extern rust.extern[//c:c]} {-Ldependency=rust.search(//c:c)} --crate-type=proc-macro --extern proc_macro -Cstrip=debuginfo -Clinker={cxx/cxx} -Cdefault-linker-libraries=yes {rust.linking(//c:c)} {-Lnative=cxx.search(//c:c)} {-C link-arg=cxx.archives(//c:c)} {-C link-arg=cxx.linkopts(//c:c)} --out-dir={outputs} --emit=dep-info={outputs}/my-lib.d --emit=link=>libmy_lib.so <src/lib.rs>
                 inputs: rust.crates(//c:c)
                 headers: <src/a.rs>
                 outputs: libmy_lib.so
                 depfile: my-lib.d
               provides rust.extern: my_lib=>libmy_lib.so
               provides rust.search: {outputs}
               provides rust.crates: >libmy_lib.so
               provides rust.linking:
               provides cxx.search:
               provides cxx.archives:
               provides cxx.shared:
               provides cxx.linkopts:
               outputs: libmy_lib.so
               ''
    , bin =
          assert
        :     of crates.Bin
          ===  ''
               my-lib: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=my_lib --edition=2021 -Cmetadata=//{package}:my-lib --remap-path-prefix=/work=. {--extern rust.extern[//c:c]} {-Ldependency=rust.search(//c:c)} --crate-type=bin -Clinker={cxx/cxx} -Cdefault-linker-libraries=yes {rust.linking(//c:c)} {-Lnative=cxx.search(//c:c)} {-C link-arg=cxx.archives(//c:c)} {-C link-arg=cxx.linkopts(//c:c)} --out-dir={outputs} --emit=dep-info={outputs}/my-lib.d --emit=link=>my-lib <src/lib.rs>
                 inputs: rust.crates(//c:c)
                 headers: <src/a.rs>
                 outputs: my-lib
                 depfile: my-lib.d
               provides rust.extern:
               provides rust.search:
               provides rust.crates:
               provides rust.linking:
               provides cxx.search:
               provides cxx.archives:
               provides cxx.shared:
               provides cxx.linkopts:
               outputs: my-lib
               executable: my-lib
               ''
    , program =
          assert
        :     show (program.analyze program.(rust.types.Binary) context)
          ===  ''
               my-app: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=my_app --edition=2021 -Cmetadata=//{package}:my-app --remap-path-prefix=/work=. {--extern rust.extern[:my-lib]} {-Ldependency=rust.search(:my-lib)} --crate-type=bin -Clinker={cxx/cxx} -Cdefault-linker-libraries=yes {rust.linking(:my-lib)} {-Lnative=cxx.search(:my-lib)} {-C link-arg=cxx.archives(:my-lib)} {-C link-arg=cxx.linkopts(:my-lib)} --out-dir={outputs} --emit=dep-info={outputs}/my-app.d --emit=link=>my-app <main.rs>
                 inputs: rust.crates(:my-lib)
                 outputs: my-app
                 depfile: my-app.d
               outputs: my-app
               executable: my-app
               ''
    , shared =
          assert
        :     show (shared.analyze shared.(rust.types.Binary) context)
          ===  ''
               my-app: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=my_app --edition=2021 -Cmetadata=//{package}:my-app --remap-path-prefix=/work=. {--extern rust.extern[:my-lib]} {-Ldependency=rust.search(:my-lib)} --crate-type=bin -Clink-arg=-Wl,-rpath,$ORIGIN/my-app.libs -Clinker={cxx/cxx} -Cdefault-linker-libraries=yes {rust.linking(:my-lib)} {-Lnative=cxx.search(:my-lib)} {-C link-arg=cxx.shared(:my-lib)} {-C link-arg=cxx.linkopts(:my-lib)} --out-dir={outputs} --emit=dep-info={outputs}/my-app.d --emit=link=>my-app <main.rs>
                 inputs: rust.crates(:my-lib)
                 outputs: my-app
                 depfile: my-app.d
               tree my-app.libs: =cxx.shared(:my-lib)
               outputs: my-app my-app.libs
               executable: my-app
               ''
    , test =
          assert
        :     show (test.analyze test.(rust.types.Test) context)
          ===  ''
               t: {rust/rustc} {rust.rustc_debug} {rust.rustc} --crate-name=t --edition=2021 -Cmetadata=//{package}:t --remap-path-prefix=/work=. {--extern rust.extern[:my-lib]} {-Ldependency=rust.search(:my-lib)} --test -Clinker={cxx/cxx} -Cdefault-linker-libraries=yes {rust.linking(:my-lib)} {-Lnative=cxx.search(:my-lib)} {-C link-arg=cxx.archives(:my-lib)} {-C link-arg=cxx.linkopts(:my-lib)} --out-dir={outputs} --emit=dep-info={outputs}/t.d --emit=link=>t <t.rs>
                 inputs: rust.crates(:my-lib)
                 outputs: t
                 depfile: t.d
               test t: >t --test-threads=1
                 inputs: >t <t.txt>
                 toolchains: rust cxx
                 env: A=b
               outputs: t
               executable: t
               ''
    }
