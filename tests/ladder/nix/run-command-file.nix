{ runCommand }:
runCommand "one.txt" { } "echo one > $out"
