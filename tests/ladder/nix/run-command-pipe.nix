{ runCommand, jq }:
runCommand "config.json" { nativeBuildInputs = [ jq ]; } "echo '{}' | jq '.a = 1' > $out"
