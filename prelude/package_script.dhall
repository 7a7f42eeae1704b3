{-  The script that builds a package with a build system of its own (foreign.dhall says what it does), and
    what all such packages have in common.  -}
let A = ./Analysis.dhall

let B = ./Builder.dhall

let L = ./List.dhall

let Target = ./Target.dhall

let Toolchain = ./Toolchain.dhall

let script = ./script.dhall

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

let Entry = script.Entry

let lines = script.lines

let quote = script.quote

let word = script.word

let words = script.words

let commands =
      \(self : Settings) ->
      \(cs : List B.Command) ->
        lines (L.map B.Command Text (script.command self.locations) cs)

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
      [ ! -d "$out/$name.src" ] || cp -R "$out/$name.src/." "$source"
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

let -- All of it.  `optimize` is which flags go into CFLAGS before the others.
    whole =
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

in  { Pair, Settings, whole, unlessChecking }
