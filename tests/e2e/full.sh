#!/bin/sh
# A full disk, of the cache and of the workspace, at ever later moments: exit 3 and a reason, and once there is room the
# next build is right:   full.sh BINARY
. "$(dirname "$0")/lib.sh"

if [ -z "${IN_NAMESPACE:-}" ]; then
	if ! unshare --user --map-root-user --mount true 2> /dev/null; then
		echo "not run: this machine grants no user namespace to mount a small disk in"
		exit 0
	fi
	IN_NAMESPACE=1 exec unshare --user --map-root-user --mount "$tests/full.sh" "$straylight"
fi

trap 'umount -l cache one small 2> /dev/null || true; chmod -R u+w "$work" 2> /dev/null; rm -rf "$work"' EXIT

workspace right
(cd right && ran > /dev/null)
outputs right > wanted

# full FOLDER KB: FOLDER is a disk of that size with what it holds already and that much room; builds.
attempt() {
	code=0
	(cd one && "$straylight" build -q --mode=release //... > ../out 2> ../err) || code=$?
	case $code in
	0) ;;
	3) grep -q '^error\[E000[23]\]' err || fail "exit 3 without a reason: $(cat err)" ;;
	*) fail "exit $code on a full disk: $(cat err)" ;;
	esac
}

failed=0
for folder in cache one; do
	for kb in 4 32 200 400 800; do
		rm -rf small one
		mkdir small
		workspace one
		rm -rf cache/straylight/ac cache/straylight/types
		held=$(du -sk "$folder" | cut -f 1)
		mount -t tmpfs -o "size=$((held * 2 + kb))k" none small
		cp -a "$folder/." small
		room=$(($(df -k --output=avail small | tail -n 1) - kb))
		[ "$room" -le 0 ] || dd if=/dev/zero of=small/ballast bs=1024 count="$room" status=none 2> /dev/null || true
		mount --bind small "$folder"
		attempt
		[ $code -eq 0 ] || failed=$((failed + 1))
		rm -f small/ballast
		mount -o "remount,size=4g" small
		(cd one && ran > /dev/null)
		outputs one > got
		cmp -s wanted got || fail "after a disk that was full at $kb KB the outputs are others"
		umount "$folder"
		umount small
	done
done
[ $failed -gt 2 ] || fail "the disk was hardly ever full ($failed)"
echo "passed: $failed of 10 builds met a full disk"
