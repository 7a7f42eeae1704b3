set -e
[ "$(./say)" = "hello, make (built Jan  1 1980)" ]
