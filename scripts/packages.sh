# Debian packages by purpose, and how to get them.  Sourced by quickstart and test.
#
# sl_install PURPOSE… installs what is missing; as root, or through sudo.

sl_packages_build="gcc g++ cmake ninja-build pkg-config libuv1-dev libssl-dev libgmp-dev liblmdb-dev
  libjansson-dev libyaml-dev libsodium-dev libcurl4-openssl-dev libcurl4 libarchive-dev libnghttp2-dev zlib1g-dev libzstd-dev
  libprotobuf-c-dev protobuf-c-compiler libedit2 librust-blake3-dev libcmocka-dev"
sl_packages_lua="dpkg-dev"
sl_packages_test="python3 git python3-venv bubblewrap nix-bin busybox-static
  make patch meson autoconf automake libtool rustc"
sl_packages_slow="clang libclang-rt-14-dev"

sl_as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "these packages are needed, and this is neither root nor is there sudo: $*" >&2
    return 1
  fi
}

sl_install() {
  local missing="" purpose packages package
  for purpose in "$@"; do
    eval "packages=\$sl_packages_$purpose"
    for package in $packages; do
      dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
    done
  done
  [ -n "$missing" ] || return 0
  echo "installing:$missing"
  sl_as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null
  # shellcheck disable=SC2086
  sl_as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >/dev/null
}

# sl_apt_source DIR ARGUMENT…: `apt-get source` in DIR, with the sources that apt already knows and lists of its own, so
# nothing of the system changes.
sl_apt_source() {
  local dir=$1
  shift
  mkdir -p "$dir/lists/partial"
  if [ ! -e "$dir/sources.list" ]; then
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
      while read -r site release component; do
        echo "deb-src $site $release $component"
      done >"$dir/sources.list"
  fi
  (
    cd "$dir"
    options="-o Dir::Etc::sourcelist=$dir/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::Lists=$dir/lists"
    # shellcheck disable=SC2086
    apt-get $options -q update >/dev/null
    # shellcheck disable=SC2086
    apt-get $options -q source "$@" >/dev/null 2>&1
  )
}

# sl_source PACKAGE DIR: unpacks the Debian source package below DIR.  Prints the unpacked folder.
sl_source() {
  local package=$1 dir=$2
  sl_apt_source "$dir" "$package"
  find "$dir" -mindepth 1 -maxdepth 1 -type d -name "$package-*" | head -n 1
}
