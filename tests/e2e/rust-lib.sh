# What the tests of the Rust rules share.  Sourced, before lib.sh.
[ -x /usr/bin/rustc ] && [ -n "$(find /usr/lib/rustlib -name 'libstd-*.rlib' 2> /dev/null | head -n 1)" ] ||
	{ echo "skipped: there is no /usr/bin/rustc with a standard library (Debian: rustc)"; exit 77; }
