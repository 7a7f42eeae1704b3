#!/bin/sh
# What an edit runs, by the names of the actions:   increments.sh BINARY
. "$(dirname "$0")/lib.sh"

workspace one
cd one
first=$(ran)
same "the first build" 13 "$(echo "$first" | tr -cd ';' | wc -c)"
outputs . > ../first
[ -n "$(ls "$XDG_CACHE_HOME/straylight/types")" ] || fail "the types that were found are not kept"
same "nothing changed" "" "$(ran)"
same "how that was found" "nothing to do" "$(sed 's/,.*//' "$work/messages")"

touch greet/greet.c app/main.c greet/greet.h
same "only times changed" "" "$(ran)"

# Without -g a comment does not reach the object: the early cutoff is at the compile.
echo '/* one more comment */' >> greet/greet.c
same "a comment" "//greet:greet compile greet.c;" "$(ran)"

sed -i 's/"hello, /"good day, /' greet/greet.c
grep -q 'good day' greet/greet.c || fail "the example has another text now"
same "a text in the library" "//app:hello link hello;//app:hello_shared link hello_shared;//greet:greet archive libgreet.a;\
//greet:greet compile greet.c;//greet:greet link libgreet.so;//greet:greet_test link greet_test;" "$(ran)"
same "what it says" "Good day, world!" "$(straylight-out/app/hello/hello | head -n 1)"

# As it was: everything is in the cache.
cp "$examples/hello/greet/greet.c" greet/greet.c
same "back as it was" "" "$(ran)"
outputs . > ../again
cmp -s ../first ../again || fail "back as it was, the outputs are not"

# A header that only the C++ file reads, and one that all read.
echo 'int unused_here(void);' >> greet/shout.h
same "a private header" "//greet:greet compile greet.c;//greet:greet compile shout.cc;" "$(ran)"
echo 'int unused_there(void);' >> greet/greet.h
same "a public header" "//app:hello compile main.c;//app:hello_shared compile main.c;//greet:greet compile greet.c;\
//greet:greet_test compile greet_test.c;" "$(ran)"

# An unrelated file, and a header that nothing includes.
echo words > greet/notes.txt
same "a file that nobody lists" "" "$(ran)"
sed -i 's/"shout.h" \]/"shout.h", "extra.h" ]/' greet/BUILD.dhall
echo '#define EXTRA 1' > greet/extra.h
ran > /dev/null
echo '#define EXTRA 2' > greet/extra.h
same "a header that nothing reads" "" "$(ran)"

# A flag of one target.
sed -i 's/S.Flags.Warnings.All \]/S.Flags.Warnings.All, S.Flag.Define { name = "WITH", value = None Text } ]/' app/BUILD.dhall
same "a flag" "//app:hello compile :motto;//app:hello compile main.c;" "$(ran)"

# Outputs that somebody removed or wrote to are made anew, and nothing runs.
rm straylight-out/app/hello/hello
chmod u+w straylight-out/greet/greet/libgreet.a
echo broken > straylight-out/greet/greet/libgreet.a
same "outputs that were tampered with" "" "$(ran)"
straylight-out/app/hello/hello > ../said || fail "hello does not run"
same "the archive" '!<arch>' "$(head -c 7 straylight-out/greet/greet/libgreet.a)"

# Another workspace with the same sources: the cache has it all.
cd ..
workspace two
cd two
same "a second workspace" "" "$(ran)"
outputs . > ../second
cmp -s ../first ../second || fail "another workspace has other outputs"
echo "passed"
