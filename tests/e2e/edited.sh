#!/bin/sh
# A source that is edited while it is used: what is built is of one of the two contents, is in the cache under that
# one, and the next build is of the new one:   edited.sh BINARY
. "$(dirname "$0")/lib.sh"

workspace one
cd one
mkdir slow
cat > slow/BUILD.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

let A = S.Analysis

in  { slow =
        { common = S.Target.common "slow"
        , analyze =
            \(self : { common : S.Target.Common }) ->
            \(context : S.Target.Context) ->
                  A.analysis
              //  { actions =
                    [ A.Act.Step
                        (     A.step
                          //  { identifier = "slow"
                              , command =
                                [ A.tool "userland" "sh"
                                , A.text "-c"
                                , A.text
                                    "cat slow/source > straylight-out/slow/slow/out; sleep 0.4; cat slow/source >> straylight-out/slow/slow/out"
                                ]
                              , inputs = [ A.Input.Source "source" ]
                              , outputs = [ "out" ]
                              }
                        )
                    ]
                  , outputs = [ "out" ]
                  }
        }
    }
END
sed -i 's/S.Workspace::{=}/S.Workspace::{ toolchains = toMap { userland = S.Toolchain.hostUserland { programs = [ "sh", "cat", "sleep" ] } } # S.Workspace.default.toolchains }/' straylight.dhall

for round in 1 2 3 4; do
	echo "old $round" > slow/source
	"$straylight" build -q //slow > out 2> err &
	pid=$!
	sleep 0.$round
	echo "new $round" > slow/source
	code=0
	wait $pid || code=$?
	if [ $code -eq 0 ]; then
		made=$(uniq straylight-out/slow/slow/out)
		case $made in
		"old $round" | "new $round") ;;
		*) fail "one output of two contents: $made" ;;
		esac
	else
		grep -q '^error\[E0809\]' err || fail "exit $code: $(cat err)"
	fi
	"$straylight" build -q //slow > out 2> err || fail "the next build: $(cat err)"
	same "the next build" "new $round" "$(uniq straylight-out/slow/slow/out)"
	# Under the old content the cache has the old output, or none.
	echo "old $round" > slow/source
	"$straylight" build -q //slow > out 2> err || fail "the old content: $(cat err)"
	same "the old content" "old $round" "$(uniq straylight-out/slow/slow/out)"
done
echo "passed"
