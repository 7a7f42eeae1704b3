{-  Packages with a build system of their own: autotools, cmake, meson, make; and http_archive, which
    fetches their sources.

    A package is built by ONE action, a script that is an output too (NAME.sh): it copies the sources
    (NAME.src) to a place of its own, applies patches, configures, builds, and installs into the output
    directory NAME, which is the prefix.  It sees the compiler of "cxx", the programs of "foreign" (and of
    "cmake", "meson" or "autoreconf"), the prefixes of its dependencies, and no network; its directory, its times, its
    locale and its environment are the same on every machine.

    A package provides what the C rules ask for (cxx.headers, cxx.include, cxx.archives, cxx.shared,
    cxx.linkopts), and `foreign.prefix`, its prefix.  In every text that the script gets (flags,
    environment, commands) "@prefix@" is the package's prefix, "@source@" its sources' directory and
    "@NAME@" what `locations` has under NAME.  -}
let A = ./Analysis.dhall

let B = ./Builder.dhall

let L = ./List.dhall

let Target = ./Target.dhall

let Toolchain = ./Toolchain.dhall

let Arg = A.Arg

let Piece = A.Piece

let Word = A.Word

let Input = A.Input

let Pair = { name : Text, value : Text }

let Settings =
      {-  srcs         files at their paths below the package, or labels: of a directory (an
                       http_archive's) what is in it, of files each at its path below its package
          deps         labels of packages of these rules, and of C and C++ libraries
          patches      applied in order, in the directory of the sources, before `subdir` is entered
          patch_strip  leading directories that are taken off names in patches
          subdir       the directory of the sources that is built; "" is the topmost
          env          variables, exported to everything that runs
          locations    variables that hold the absolute path of a label's only output or of a source
          cflags …     beside those of the toolchain
          pic          objects that may become a part of shared libraries
          jobs         processes at a time; None is one per processor
          mode         None is that of the build
          before       commands in the directory that is built, before it is configured
          after        commands there, after the installation
          outs         files and directories that the prefix must have in the end
          includes     directories of the prefix that dependents search for headers
          libs         what dependents link statically: "z" is lib/libz.a, or lib/libz.so where there is
                       none.  None: every static library of the prefix, and shared ones without a static
                       form
          shared_libs  file names of lib/ that cxx_binary takes with link_style Shared ("libz.so.1");
                       without, it links `libs`
          defines, linkopts  for dependents
          executable   a path in the prefix: what `straylight run` starts
          check        its own test suite is this target's test
          toolchains   further words whose bytes and environment the build needs ("python")
          timeout      seconds
          tools        its own choice for "foreign"; `toolchain` is that for "cxx"
          -}
      { common : Target.Common
      , srcs : List Text
      , deps : List Text
      , patches : List Text
      , patch_strip : Natural
      , subdir : Text
      , env : List Pair
      , locations : A.Map Text
      , cppflags : List Text
      , cflags : List Text
      , cxxflags : List Text
      , ldflags : List Text
      , pic : Bool
      , jobs : Optional Natural
      , mode : Optional Target.Mode
      , before : List B.Command
      , after : List B.Command
      , outs : List Text
      , includes : List Text
      , libs : Optional (List Text)
      , shared_libs : List Text
      , defines : List Text
      , linkopts : List Text
      , executable : Optional Text
      , check : Bool
      , toolchains : List Text
      , timeout : Optional Natural
      , tools : Optional Toolchain.Toolchain
      , toolchain : Optional Toolchain.Toolchain
      }

let MakeCalls =
      {-  make_flags       words of every call of make: "V=1", "PREFIX=@prefix@"
          make_targets     of the call that builds; [] is the makefile's first
          check_targets    of the call that tests
          install_targets  of the call that installs; [] installs nothing
          install_flags    further words of the call that installs
          -}
      { make_flags : List Text
      , make_targets : List Text
      , check_targets : List Text
      , install_targets : List Text
      , install_flags : List Text
      }

let Autotools =
      {-  configure        the script, by its path in the directory that is built
          configure_flags  after --prefix
          autoreconf       makes the script first, by autoreconf -fi of the toolchain "autoreconf"
          out_of_tree      builds in a directory beside the sources
          -}
          Settings
      //\\  MakeCalls
      //\\  { configure : Text
            , configure_flags : List Text
            , autoreconf : Bool
            , out_of_tree : Bool
            }

let Make =
      {-  prefix_variable  what the makefile calls the prefix; "": it is not told
          variables        of CC CXX CPPFLAGS CFLAGS CXXFLAGS LDFLAGS AR RANLIB, those that are set on
                           make's command line, where they win over the makefile's own; all are in its
                           environment
          -}
          Settings
      //\\  MakeCalls
      //\\  { prefix_variable : Text, variables : List Text }

let CMake =
      {-  definitions     -DNAME=VALUE
          flags           further words for cmake
          build_type      "Release", "Debug", "RelWithDebInfo", "MinSizeRel"
          generator       "Ninja", or "Unix Makefiles"
          build_targets   [] is all
          check_flags     words for ctest
          install         False: `after` does it
          -}
          Settings
      //\\  { definitions : List Pair
            , flags : List Text
            , build_type : Text
            , generator : Text
            , build_targets : List Text
            , check_flags : List Text
            , install : Bool
            }

let Meson =
      {-  options      -Dname=value
          flags        further words for meson setup
          build_type   "release", "debug", "debugoptimized", "minsize", "plain"
          build_targets, check_flags, install  as of cmake
          -}
          Settings
      //\\  { options : List Pair
            , flags : List Text
            , build_type : Text
            , build_targets : List Text
            , check_flags : List Text
            , install : Bool
            }

let ArchiveType =
      {-  Archive  tar or zip, compressed in any way: the output is a directory
          File     the output is the file, as it came
          -}
      < Archive | File >

let HttpArchive =
      {-  sha256        64 hexadecimal digits; or another hash as Nix writes it ("sha512-…=")
          mirrors       URLs that are asked after the first; file, http and https
          strip_prefix  the directory of the archive that becomes the output; None is its only topmost
                        one, if it has no more than that
          patches       applied in order, with the names in them `patch_strip` directories shorter
          executable    of a File
          -}
      { common : Target.Common
      , url : Text
      , sha256 : Text
      , mirrors : List Text
      , strip_prefix : Optional Text
      , patches : List Text
      , patch_strip : Natural
      , type : ArchiveType
      , executable : Bool
      , toolchain : Optional Toolchain.Toolchain
      }

let Program = { variable : Text, toolchain : Text, tool : Text }

let none = [] : List Text

let join
    : List Text -> Text
    = \(ts : List Text) ->
        List/fold Text ts Text (\(t : Text) -> \(rest : Text) -> t ++ rest) ""

let lines =
      \(ts : List Text) -> join (L.map Text Text (\(t : Text) -> t ++ "\n") ts)

let -- One word of the script, whatever is in it.
    quote =
      \(t : Text) -> "'" ++ Text/replace "'" "'\\''" t ++ "'"

let variable = \(name : Text) -> "'\"$" ++ name ++ "\"'"

let Entry = { mapKey : Text, mapValue : Text }

let -- The same, with what stands for paths.
    word =
      \(locations : A.Map Text) ->
      \(t : Text) ->
        List/fold
          Entry
          locations
          Text
          ( \(e : Entry) ->
            \(text : Text) ->
              Text/replace "@${e.mapKey}@" (variable e.mapKey) text
          )
          ( Text/replace
              "@source@"
              (variable "source")
              (Text/replace "@prefix@" (variable "prefix") (quote t))
          )

let words =
      \(locations : A.Map Text) ->
      \(ts : List Text) ->
        join (L.map Text Text (\(t : Text) -> " " ++ word locations t) ts)

let definitions = L.map Pair Text (\(p : Pair) -> "-D${p.name}=${p.value}")

let command =
      \(locations : A.Map Text) ->
      \(c : B.Command) ->
        let w =
              \(t : Text) ->
                Text/replace "$out" (variable "prefix") (word locations t)

        let ws =
              \(ts : List Text) ->
                join (L.map Text Text (\(t : Text) -> " " ++ w t) ts)

        let option =
              \(name : Text) ->
              \(value : Optional Text) ->
                merge
                  { None = "", Some = \(t : Text) -> " ${name} " ++ w t }
                  value

        let substitute =
              quote
                "BEGIN { ($from, $to) = splice @ARGV, 0, 2 } s/\\Q$from\\E/$to/g"

        in  merge
              { Mkdir = \(path : Text) -> "run mkdir -p ${w path}"
              , Copy =
                  \(x : { from : Text, to : Text }) ->
                    "run cp -R ${w x.from} ${w x.to}"
              , Move =
                  \(x : { from : Text, to : Text }) ->
                    "run mv ${w x.from} ${w x.to}"
              , Remove = \(path : Text) -> "run rm -rf ${w path}"
              , Symlink =
                  \(x : { target : Text, link : Text }) ->
                    "run ln -sfn ${w x.target} ${w x.link}"
              , Chmod =
                  \(x : { path : Text, mode : Text }) ->
                    "run chmod ${w x.mode} ${w x.path}"
              , Write =
                  \(x : { path : Text, content : Text }) ->
                    "printf %s ${w x.content} >${w x.path}"
              , Append =
                  \(x : { path : Text, content : Text }) ->
                    "printf %s ${w x.content} >>${w x.path}"
              , Substitute =
                  \(x : { path : Text, from : Text, to : Text }) ->
                    ''
                    run test -f ${w x.path}
                    run perl -0777 -pi -e ${substitute} -- ${w x.from} ${w x.to} ${w x.path}''
              , Untar =
                  \(x : { archive : Text, strip : Natural }) ->
                    "run tar -xf ${w x.archive} --strip-components=${Natural/show x.strip}"
              , Unzip = \(path : Text) -> "run unzip -q ${w path}"
              , Patch =
                  \(x : { file : Text, strip : Natural }) ->
                    "run patch -p${Natural/show x.strip} -i ${w x.file}"
              , PatchElf =
                  \ ( x
                    : { path : Text
                      , interpreter : Optional Text
                      , rpath : Optional Text
                      }
                    ) ->
                    "run patchelf${option "--set-interpreter" x.interpreter}${option "--set-rpath" x.rpath} ${w x.path}"
              , Configure = \(ts : List Text) -> "run ./configure${ws ts}"
              , Make = \(ts : List Text) -> "run make${ws ts}"
              , Install =
                  \(x : { from : Text, to : Text, mode : Text }) ->
                    "run install -D -m ${w x.mode} ${w x.from} ${w x.to}"
              , Run =
                  \(x : { program : Text, arguments : List Text }) ->
                    "run ${w x.program}${ws x.arguments}"
              }
              c

let commands =
      \(self : Settings) ->
      \(cs : List B.Command) ->
        lines (L.map B.Command Text (command self.locations) cs)

let -- What every script begins with.  It gets "build" or "check", the target's output directory, and
    -- groups of words that begin with ":NAME".
    begin =
      ''
      set -eu
      umask 022
      work=$(pwd)
      what=$1
      out=$work/$2
      shift 2
      prefix=$out/$name
      top=$out/$name.build
      source=$top/source
      log=$top/log
      phase=prepare

      fail() {
      	status=$?
      	files=
      	case $phase in
      	configure) files="config.log CMakeFiles/CMakeError.log meson-logs/meson-log.txt" ;;
      	check) files=$(find . -name test-suite.log) ;;
      	esac
      	tail -n 200 "$log" >&2
      	for file in $files; do
      		if [ -f "$file" ]; then
      			printf '%s\n' "-- the end of $file --" >&2
      			tail -n 60 "$file" >&2
      		fi
      	done
      	printf '%s\n' "$name: $phase failed: $*" >&2
      	exit $status
      }
      run() {
      	printf '+ %s\n' "$*" >>"$log"
      	"$@" >>"$log" 2>&1 || fail "$*"
      }
      lacks() {
      	printf '%s\n' "$name: $*" >&2
      	exit 1
      }

      optimize= compile= c= cxx= link= prefixes= patches=
      cppflags= libdirs= group=
      for word in "$@"; do
      	case $word in
      	:*) group=$word; continue ;;
      	esac
      	case $group in
      	:optimize) optimize="$optimize $word" ;;
      	:compile) compile="$compile $word" ;;
      	:c) c="$c $word" ;;
      	:cxx) cxx="$cxx $word" ;;
      	:link) link="$link $word" ;;
      	:prefix) prefixes="$prefixes $work/$word" ;;
      	:include) cppflags="$cppflags -I$work/$word" ;;
      	:define) cppflags="$cppflags -D$word" ;;
      	:patch) patches="$patches $work/$word" ;;
      	:archive)
      		case $word in
      		-* | @*) ;;
      		*) libdirs="$libdirs -L$work/''${word%/*}" ;;
      		esac ;;
      	esac
      done
      for dir in $prefixes; do
      	PATH=$dir/bin:$PATH
      	PKG_CONFIG_PATH=$dir/lib/pkgconfig:$dir/share/pkgconfig''${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
      	CMAKE_PREFIX_PATH=$dir''${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH}
      	ACLOCAL_PATH=$dir/share/aclocal''${ACLOCAL_PATH:+:$ACLOCAL_PATH}
      	LD_LIBRARY_PATH=$dir/lib''${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
      	libdirs="$libdirs -L$dir/lib"
      	export PKG_CONFIG_PATH CMAKE_PREFIX_PATH ACLOCAL_PATH LD_LIBRARY_PATH
      done
      ARFLAGS=rcD AR_FLAGS=rcD HOME=$top/home
      PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0
      export PATH ARFLAGS AR_FLAGS HOME PYTHONDONTWRITEBYTECODE PYTHONHASHSEED
      mkdir -p "$top/home" "$source"
      : >"$log"
      cp -R "$out/$name.src/." "$source"
      chmod -R u+w "$source"
      find "$source" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
      cd "$source"
      ''

let -- The flags that the build system finds in its environment; `optimize` is left to some of them.
    flags =
      \(self : Settings) ->
      \(optimize : Text) ->
        let text = \(ts : List Text) -> words self.locations ts

        let pic = if self.pic then " -fPIC" else ""

        let group =
              \(name : Text) ->
              \(first : Text) ->
              \(own : List Text) ->
                ''
                ${name}="${first}"
                for word in${text own}; do ${name}="$${name} $word"; done
                ''

        in      group "CPPFLAGS" "$cppflags" self.cppflags
            ++  group "CFLAGS" "${optimize}$compile$c${pic}" self.cflags
            ++  group "CXXFLAGS" "${optimize}$compile$cxx${pic}" self.cxxflags
            ++  group "LDFLAGS" "$link$libdirs" self.ldflags
            ++  ''
                CPPFLAGS=''${CPPFLAGS# } CFLAGS=''${CFLAGS# } CXXFLAGS=''${CXXFLAGS# } LDFLAGS=''${LDFLAGS# }
                export CPPFLAGS CFLAGS CXXFLAGS LDFLAGS
                ''

let prepare =
      \(self : Settings) ->
        let export =
              \(p : Pair) ->
                "${p.name}=${word self.locations p.value}; export ${p.name}"

        let place =
              \(e : Entry) ->
                "${e.mapKey}=$work/$${e.mapKey}; export ${e.mapKey}"

        in      ''
                for patch in $patches; do
                	run patch -p${Natural/show self.patch_strip} -i "$patch"
                done
                ''
            ++  ''
                subdir=${quote self.subdir}
                [ -z "$subdir" ] || source=$source/$subdir
                cd "$source"
                ''
            ++  lines (L.map Entry Text place self.locations)
            ++  lines (L.map Pair Text export self.env)
            ++  merge
                  { None =
                      ''
                      jobs=$(nproc)
                      ''
                  , Some =
                      \(n : Natural) ->
                        ''
                        jobs=${Natural/show n}
                        ''
                  }
                  self.jobs
            ++  commands self self.before

let -- After the installation: what stays in the prefix, and how it is linked.
    finish =
      \(self : Settings) ->
        let chosen =
              merge
                { None =
                    ''
                    for file in "$prefix"/lib/lib*.a "$prefix"/lib/lib*.so; do
                    	if [ -f "$file" ] && { [ "''${file%.so}" = "$file" ] || ! [ -f "''${file%.so}.a" ]; }; then
                    		add "$file"
                    	fi
                    done
                    ''
                , Some =
                    \(libs : List Text) ->
                      lines
                        ( L.map
                            Text
                            Text
                            (\(lib : Text) -> "library ${quote lib}")
                            libs
                        )
                }
                self.libs

        in      ''
                phase=install
                ''
            ++  commands self self.after
            ++  ''
                cd "$work"
                rm -f "$prefix"/lib/*.la "$prefix"/share/info/dir
                [ -n "$(ls -A "$prefix")" ] || lacks "nothing was installed into its prefix"
                ''
            ++  lines
                  ( L.map
                      Text
                      Text
                      ( \(path : Text) ->
                          "[ -e \"$prefix\"/${quote path} ] || lacks 'the prefix lacks '${quote path}"
                      )
                      self.outs
                  )
            ++  ''
                link=
                add() { link="$link ''${1#"$work"/}"; }
                library() {
                	if [ -f "$prefix/lib/lib$1.a" ]; then
                		add "$prefix/lib/lib$1.a"
                	elif [ -f "$prefix/lib/lib$1.so" ]; then
                		add "$prefix/lib/lib$1.so"
                	else
                		lacks "the prefix lacks lib/lib$1.a and lib/lib$1.so"
                	fi
                }
                ''
            ++  chosen
            ++  ''
                [ -z "$link" ] || link="-Wl,--start-group$link -Wl,--end-group"
                printf '%s\n' "$link" >"$out/$name.link"
                take() {
                	[ -f "$prefix/$1" ] || lacks "the prefix lacks $1"
                	cp "$prefix/$1" "$out/$2"
                }
                ''
            ++  lines
                  ( L.map
                      Text
                      Text
                      ( \(file : Text) ->
                          "take lib/${quote file} \"$name\".libs/${quote file}"
                      )
                      self.shared_libs
                  )
            ++  lines
                  ( L.map
                      Text
                      Text
                      ( \(path : Text) ->
                          "take ${quote path} \"$name\".bin/${quote path}"
                      )
                      (L.optional Text self.executable)
                  )
            ++  ''
                rm -rf "$top"
                ''

let unlessChecking =
      \(check : Text) ->
        ''
        if [ "$what" = check ]; then
        	phase=check
        ${check}	rm -rf "$top"
        	exit 0
        fi
        phase=install
        ''

let script =
      \(self : Settings) ->
      \(optimize : Text) ->
      \(body : Text) ->
            ''
            name=${quote self.common.name}
            ''
        ++  begin
        ++  flags self optimize
        ++  prepare self
        ++  body
        ++  finish self

let texts = L.map Text Arg A.text

let provided =
      \(name : Text) ->
      \(deps : List Text) ->
        Arg.Provided
          { provided = { name, deps, transitive = True }
          , flag = None Text
          , prefix = ""
          }

let -- One package: its sources as a tree, its script, the step and perhaps its test.
    analyze =
      \(self : Settings) ->
      \(context : Target.Context) ->
      \(kind : Text) ->
      \(programs : List Program) ->
      \(text : Text) ->
        let name = self.common.name

        let mode =
              merge
                { None = Target.modeText context.mode, Some = Target.modeText }
                self.mode

        let shared =
              L.map
                Text
                Text
                (\(f : Text) -> "${name}.libs/${f}")
                self.shared_libs

        let executable =
              L.map
                Text
                Text
                (\(path : Text) -> "${name}.bin/${path}")
                (L.optional Text self.executable)

        let tool =
              \(p : Program) ->
                { name = p.variable
                , value =
                  [ Piece.Tool { toolchain = p.toolchain, tool = p.tool } ]
                }

        let compiler =
              \(variable : Text) ->
              \(tool : Text) ->
                { variable, toolchain = "cxx", tool }

        let step =
              \(what : Text) ->
                    A.step
                //  { identifier = name
                    , command =
                          [ A.tool "foreign" "sh"
                          , Arg.Word [ Piece.Output "${name}.sh" ]
                          , A.text what
                          , Arg.Word [ Piece.Outputs ]
                          , A.text ":optimize"
                          , A.flags "cxx" "compile_${mode}"
                          , A.text ":compile"
                          , A.flags "cxx" "compile"
                          , A.text ":c"
                          , A.flags "cxx" "compile_c"
                          , A.text ":cxx"
                          , A.flags "cxx" "compile_cxx"
                          , A.text ":link"
                          , A.flags "cxx" "link_${mode}"
                          , A.flags "cxx" "link"
                          , A.text ":prefix"
                          , provided "foreign.prefix" self.deps
                          , A.text ":include"
                          , provided "cxx.include" self.deps
                          , A.text ":define"
                          , provided "cxx.defines" self.deps
                          , A.text ":archive"
                          , provided "cxx.archives" self.deps
                          , A.text ":patch"
                          ]
                        # L.map
                            Text
                            Arg
                            (\(p : Text) -> Arg.Word [ Piece.Source p ])
                            self.patches
                    , env =
                          L.map
                            Program
                            { name : Text, value : Word }
                            tool
                            (   [ compiler "CC" "cc"
                                , compiler "CXX" "cxx"
                                , compiler "AR" "ar"
                                , compiler "NM" "nm"
                                , compiler "RANLIB" "ranlib"
                                , compiler "STRIP" "strip"
                                ]
                              # programs
                            )
                        # L.map
                            Entry
                            { name : Text, value : Word }
                            ( \(e : Entry) ->
                                { name = e.mapKey, value = A.source e.mapValue }
                            )
                            self.locations
                    , inputs =
                      [ Input.Output "${name}.src"
                      , Input.Provided
                          { name = "cxx.headers"
                          , deps = self.deps
                          , transitive = True
                          }
                      ]
                    , toolchains = [ "cxx", "foreign" ] # self.toolchains
                    , timeout = self.timeout
                    }

        let linked =
              merge
                { None = True
                , Some = \(libs : List Text) -> L.null Text libs == False
                }
                self.libs

        let archives =
              if    linked
              then  [ [ Piece.Text "-L", Piece.Output name, Piece.Text "/lib" ]
                    , [ Piece.Text "@", Piece.Output "${name}.link" ]
                    ]
              else  [] : List Word

        let provide =
              \(name : Text) ->
              \(words : List Word) ->
                { name, words, from = self.deps }

        let plain = L.map Text Word A.word

        in      A.analysis
            //  { actions =
                  [ A.Act.Sources
                      { output = "${name}.src"
                      , from = L.map Text Input Input.Source self.srcs
                      }
                  , A.Act.Write
                      { output = "${name}.sh"
                      , content = A.word text
                      , executable = False
                      }
                  , A.Act.Step
                      (     step "build"
                        //  { category = A.Category.Custom kind
                            , outputs = [ "${name}.link" ] # shared # executable
                            , directories = [ name ]
                            }
                      )
                  ]
                , tests =
                    if    self.check
                    then  [ step "check" // { category = A.Category.Test } ]
                    else  [] : List A.Step
                , provides =
                  [ provide "foreign.prefix" [ A.output name ]
                  , provide "cxx.headers" [ A.output name ]
                  , provide
                      "cxx.include"
                      ( L.map
                          Text
                          Word
                          ( \(dir : Text) ->
                              [ Piece.Outputs, Piece.Text "/${name}/${dir}" ]
                          )
                          self.includes
                      )
                  , provide "cxx.defines" (plain self.defines)
                  , provide "cxx.archives" archives
                  , provide "cxx.shared" (L.map Text Word A.output shared)
                  , provide
                      "cxx.linkopts"
                      (   ( if    L.null Text shared
                            then  archives
                            else  [] : List Word
                          )
                        # plain self.linkopts
                      )
                  ]
                , outputs = [ name ]
                , executable = List/head Text executable
                , toolchains =
                      Toolchain.override "cxx" self.toolchain
                    # Toolchain.override "foreign" self.tools
                }

let settings =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
          { common = Target.common name
          , srcs
          , deps
          , patches = none
          , patch_strip = 1
          , subdir = ""
          , env = [] : List Pair
          , locations = [] : A.Map Text
          , cppflags = none
          , cflags = none
          , cxxflags = none
          , ldflags = none
          , pic = True
          , jobs = None Natural
          , mode = Some Target.Mode.Release
          , before = [] : List B.Command
          , after = [] : List B.Command
          , outs = none
          , includes = [ "include" ]
          , libs = None (List Text)
          , shared_libs = none
          , defines = none
          , linkopts = none
          , executable = None Text
          , check = False
          , toolchains = none
          , timeout = None Natural
          , tools = None Toolchain.Toolchain
          , toolchain = None Toolchain.Toolchain
          }
        : Settings

let makeProgram =
      [ { variable = "SL_MAKE", toolchain = "foreign", tool = "make" } ]

let -- Building, testing and installing by make, with `own` in every call.
    makeCalls =
      \(locations : A.Map Text) ->
      \(calls : MakeCalls) ->
      \(own : Text) ->
        let w = words locations

        let every = own ++ w calls.make_flags

        let install =
              if    L.null Text calls.install_targets
              then  ""
              else  ''
                    run "$SL_MAKE"${every}${w calls.install_flags}${w calls.install_targets}
                    ''

        in      ''
                phase=build
                run "$SL_MAKE" -j"$jobs"${every}${w calls.make_targets}
                ''
            ++  unlessChecking
                  ''
                  	run "$SL_MAKE"${every}${w calls.check_targets}
                  ''
            ++  install

let -- In the environment of programs that know nothing of CPPFLAGS.
    foldCpp =
      ''
      CFLAGS="$CPPFLAGS $CFLAGS" CXXFLAGS="$CPPFLAGS $CXXFLAGS"
      ''

let autotools =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            settings name srcs deps
        //  { configure = "configure"
            , configure_flags = none
            , autoreconf = False
            , out_of_tree = False
            , make_flags = none
            , make_targets = none
            , check_targets = [ "check" ]
            , install_targets = [ "install" ]
            , install_flags = none
            , analyze =
                \(self : Autotools) ->
                \(context : Target.Context) ->
                  let own = self.(Settings)

                  let top = if self.out_of_tree then "\"$source\"" else "."

                  let body =
                            ''
                            phase=configure
                            ''
                        ++  ( if    self.autoreconf
                              then  ''
                                    run "$SL_AUTORECONF" -fi
                                    ''
                              else  ""
                            )
                        ++  ''
                            [ -f ${quote self.configure} ] ||
                            	lacks 'its sources have no file '${quote self.configure}'; what makes one from configure.ac is "autoreconf = True"'
                            ''
                        ++  ( if    self.out_of_tree
                              then  ''
                                    mkdir "$top/build"
                                    cd "$top/build"
                                    ''
                              else  ""
                            )
                        ++  ''
                            run ${top}/${quote self.configure} --prefix="$prefix"${words self.locations self.configure_flags}
                            ''
                        ++  makeCalls self.locations self.(MakeCalls) ""

                  in  analyze
                        own
                        context
                        "autotools"
                        (   makeProgram
                          # ( if    self.autoreconf
                              then  [ { variable = "SL_AUTORECONF"
                                      , toolchain = "autoreconf"
                                      , tool = "autoreconf"
                                      }
                                    ]
                              else  [] : List Program
                            )
                        )
                        (script own "$optimize" body)
            }

let make =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            settings name srcs deps
        //  { prefix_variable = "PREFIX"
            , variables = none
            , make_flags = none
            , make_targets = none
            , check_targets = [ "check" ]
            , install_targets = [ "install" ]
            , install_flags = none
            , analyze =
                \(self : Make) ->
                \(context : Target.Context) ->
                  let own = self.(Settings)

                  let set = \(name : Text) -> " ${name}=\"$${name}\""

                  let variables = join (L.map Text Text set self.variables)

                  let -- "" has nothing to be a variable of.
                      prefix =
                        Text/replace
                          " =\"$prefix\""
                          ""
                          " ${self.prefix_variable}=\"$prefix\""

                  in  analyze
                        own
                        context
                        "make"
                        makeProgram
                        ( script
                            own
                            "$optimize"
                            ( makeCalls
                                self.locations
                                self.(MakeCalls)
                                (prefix ++ variables)
                            )
                        )
            }

let cmake =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            settings name srcs deps
        //  { definitions = [] : List Pair
            , flags = none
            , build_type = "Release"
            , generator = "Ninja"
            , build_targets = none
            , check_flags = none
            , install = True
            , analyze =
                \(self : CMake) ->
                \(context : Target.Context) ->
                  let own = self.(Settings)

                  let w = words self.locations

                  let targets =
                        if    L.null Text self.build_targets
                        then  ""
                        else  " --target${w self.build_targets}"

                  let body =
                            foldCpp
                        ++  ''
                            phase=configure
                            mkdir "$top/build"
                            cd "$top/build"
                            run "$SL_CMAKE" -G ${quote self.generator} -DCMAKE_INSTALL_PREFIX="$prefix" \
                            	-DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_BUILD_TYPE=${quote self.build_type} \
                            	-DCMAKE_POSITION_INDEPENDENT_CODE=${if self.pic then "ON" else "OFF"} \
                            	-DCMAKE_SKIP_INSTALL_RPATH=ON -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF \
                            	-DCMAKE_EXPORT_NO_PACKAGE_REGISTRY=ON -DFETCHCONTENT_FULLY_DISCONNECTED=ON \
                            	-Wno-dev${w (definitions self.definitions # self.flags)} "$source"
                            phase=build
                            run "$SL_CMAKE" --build . -j "$jobs"${targets}
                            ''
                        ++  unlessChecking
                              ''
                              	run "$SL_CTEST" --output-on-failure -j "$jobs"${w self.check_flags}
                              ''
                        ++  ( if    self.install
                              then  ''
                                    run "$SL_CMAKE" --install .
                                    ''
                              else  ""
                            )

                  in  analyze
                        own
                        context
                        "cmake"
                        [ { variable = "SL_CMAKE"
                          , toolchain = "cmake"
                          , tool = "cmake"
                          }
                        , { variable = "SL_CTEST"
                          , toolchain = "cmake"
                          , tool = "ctest"
                          }
                        ]
                        (script own "" body)
            }

let meson =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            settings name srcs deps
        //  { options = [] : List Pair
            , flags = none
            , build_type = "release"
            , build_targets = none
            , check_flags = none
            , install = True
            , analyze =
                \(self : Meson) ->
                \(context : Target.Context) ->
                  let own = self.(Settings)

                  let w = words self.locations

                  let body =
                            ''
                            phase=configure
                            mkdir "$top/build"
                            cd "$top/build"
                            run "$SL_MESON" setup --prefix="$prefix" --libdir=lib --buildtype=${quote self.build_type} \
                            	--wrap-mode=nodownload -Ddefault_library=both -Db_staticpic=${if self.pic then "true" else "false"}${w (definitions self.options)}${w self.flags} \
                            	. "$source"
                            phase=build
                            run "$SL_NINJA" -j "$jobs"${w self.build_targets}
                            ''
                        ++  unlessChecking
                              ''
                              	run "$SL_MESON" test --no-rebuild --print-errorlogs${w self.check_flags}
                              ''
                        ++  ( if    self.install
                              then  ''
                                    run "$SL_MESON" install --no-rebuild
                                    ''
                              else  ""
                            )

                  in  analyze
                        own
                        context
                        "meson"
                        [ { variable = "SL_MESON"
                          , toolchain = "meson"
                          , tool = "meson"
                          }
                        , { variable = "SL_NINJA"
                          , toolchain = "meson"
                          , tool = "ninja"
                          }
                        ]
                        (script own "" body)
            }

let http_archive =
      \(name : Text) ->
      \(url : Text) ->
      \(sha256 : Text) ->
        { common = Target.common name
        , url
        , sha256
        , mirrors = none
        , strip_prefix = None Text
        , patches = none
        , patch_strip = 1
        , type = ArchiveType.Archive
        , executable = False
        , toolchain = None Toolchain.Toolchain
        , analyze =
            \(self : HttpArchive) ->
            \(context : Target.Context) ->
              let name = self.common.name

              let fetch =
                    \(output : Text) ->
                      A.Act.Fetch
                        { output
                        , urls = [ self.url ] # self.mirrors
                        , hash = self.sha256
                        , unpack =
                            merge { Archive = True, File = False } self.type
                        , strip = self.strip_prefix
                        , executable = self.executable
                        }

              let -- $1 is what came, $2 the output; the rest are patches.
                  text =
                    ''
                    set -eu
                    cp -R "$1/." "$2"
                    chmod -R u+w "$2"
                    work=$(pwd)
                    cd "$2"
                    shift 2
                    for patch in "$@"; do
                    	patch -p${Natural/show self.patch_strip} -i "$work/$patch"
                    done
                    ''

              let patched =
                    [ fetch "${name}.orig"
                    , A.Act.Write
                        { output = "${name}.sh"
                        , content = A.word text
                        , executable = False
                        }
                    , A.Act.Step
                        (     A.step
                          //  { category = A.Category.Custom "patch"
                              , identifier = name
                              , command =
                                    [ A.tool "foreign" "sh"
                                    , Arg.Word [ Piece.Output "${name}.sh" ]
                                    , Arg.Word [ Piece.Output "${name}.orig" ]
                                    , Arg.Word [ Piece.Output name ]
                                    ]
                                  # L.map
                                      Text
                                      Arg
                                      ( \(p : Text) ->
                                          Arg.Word [ Piece.Source p ]
                                      )
                                      self.patches
                              , directories = [ name ]
                              }
                        )
                    ]

              in      A.analysis
                  //  { actions =
                          if    L.null Text self.patches
                          then  [ fetch name ]
                          else  patched
                      , outputs = [ name ]
                      , toolchains = Toolchain.override "foreign" self.toolchain
                      }
        }

in  { types =
      { Settings
      , MakeCalls
      , Autotools
      , Make
      , CMake
      , Meson
      , ArchiveType
      , HttpArchive
      , Pair
      }
    , autotools
    , make
    , cmake
    , meson
    , http_archive
    }
