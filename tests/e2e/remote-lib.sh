# What the tests of remote builds share, beside lib.sh: a package of odd actions, and what is counted.

# A server that stays has results of earlier runs: nothing of this run has the digest of anything of theirs.
run=$(basename "$work" | tr -c 'A-Za-z0-9\n' _)_$$

# own DIR: so of the sources in a copy of examples/hello.
own() {
	n=0
	for file in $(find "$1" -name '*.c' -o -name '*.cc'); do
		n=$((n + 1))
		echo "int run_${run}_$n;" >> "$file"
	done
	sed -i "s/\$/ ($run)/" "$1/app/motto.txt"
}

# odd DIR: a package //odd in the workspace: an output directory with links, many inputs, something large.
odd() {
	mkdir -p "$1/odd/many"
	list=
	for i in $(seq "${MANY:-200}"); do
		echo "$i $run" > "$1/odd/many/$i"
		list="$list, A.Input.Source \"many/$i\""
	done
	cat > "$1/odd/BUILD.dhall" << END
let S = env:STRAYLIGHT_PRELUDE

let A = S.Analysis

let step =
      \\(name : Text) ->
      \\(inputs : List A.Input) ->
      \\(outputs : List Text) ->
      \\(directories : List Text) ->
      \\(seconds : Natural) ->
      \\(script : Text) ->
        { common = S.Target.common name
        , analyze =
            \\(self : { common : S.Target.Common }) ->
            \\(context : S.Target.Context) ->
                  A.analysis
              //  { actions =
                    [ A.Act.Step
                        (     A.step
                          //  { identifier = name
                              , command = [ A.tool "userland" "sh", A.text "-c", A.text "\${script} # $run" ]
                              , inputs
                              , outputs
                              , directories
                              , timeout = Some seconds
                              }
                        )
                    ]
                  , outputs = outputs # directories
                  }
        }

let none = [] : List Text

let nothing = [] : List A.Input

in  { tree =
        step "tree" nothing none [ "out" ] 600
          "cd straylight-out/odd/tree && mkdir -p out/sub && echo a > out/sub/file && chmod +x out/sub/file && ln -s sub/file out/link && ln -s nowhere out/dangling && ln -s sub out/folder"
    , uses_tree =
        step "uses_tree" [ A.Input.Source ":tree" ] [ "out" ] none 600
          "cd straylight-out/odd && ls -R tree/out > uses_tree/out && cat tree/out/link >> uses_tree/out"
    , many =
        step "many" [ ${list#, } ] [ "out" ] none 600
          "cat odd/many/* | sort -n | tail -n 1 > straylight-out/odd/many/out"
    , large =
        step "large" nothing [ "out" ] none 600
          "(echo $run; head -c ${LARGE:-5}000000 /dev/zero | tr '\\\\000' x) | head -c ${LARGE:-5}000000 > straylight-out/odd/large/out"
    , uses_large =
        step "uses_large" [ A.Input.Source ":large" ] [ "out" ] none 600
          "wc -c < straylight-out/odd/large/out > straylight-out/odd/uses_large/out"
    , failing = step "failing" nothing [ "out" ] none 600 "echo said on one; echo said on two >&2; exit 3"
    , slow = step "slow" nothing [ "out" ] none 2 "echo begun; sleep 30"
    , lazy = step "lazy" nothing [ "out" ] none 600 "true"
    }
END
	sed -i 's/S.Workspace::{=}/let userland = S.Toolchain.hostUserland { programs = S.Workspace.userland # [ "sleep" ] } in S.Workspace::{ toolchains = toMap { userland } # S.Workspace.default.toolchains }/' "$1/straylight.dhall"
}

good="//app/... //greet/... //odd:tree //odd:uses_tree //odd:many //odd:large //odd:uses_large"

# counts FILE KEY…: numbers of the summary of `build --json`.
counts() {
	python3 -c '
import json, sys
summary = json.load(open(sys.argv[1]))["summary"]
summary.update(summary.pop("remote", {}))
print(*(summary.get(key, 0) for key in sys.argv[2:]))' "$@"
}
