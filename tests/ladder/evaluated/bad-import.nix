{ runCommand }: import (runCommand "generated" { } "echo 1 > $out")
