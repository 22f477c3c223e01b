# common.sh - what contrib/quickstart and contrib/check share; sourced.
# The caller has set $top (the source tree) and $name (its own name), and can
# be run once more as $again.

jobs=$(nproc 2>/dev/null || echo 2)
again="$0 --no-install${*:+ $*}"
began=$(date +%s)

say() {
	printf '%s: [%3d s] %s\n' "$name" "$(($(date +%s) - began))" "$*"
}

die() {
	printf '%s: %s\n' "$name" "$*" >&2
	exit 1
}

# packages_of GROUP... - their packages, one a line.
packages_of() {
	for group; do
		awk -v group="$group" '$1 == group { print $2 }' \
		    "$top/contrib/packages"
	done
}

# is_yes QUESTION - asked of a person at a terminal; nobody there means yes.
# Who reads the output through a pipe (| tee) is still there to be asked.
is_yes() {
	[ -t 0 ] || return 0
	printf '%s: %s [Y/n] ' "$name" "$1" >&2
	read -r answer || return 1
	case $answer in
	''|y|Y|yes|Yes) return 0 ;;
	esac
	return 1
}

# install_packages GROUP... - what is missing of them, after asking.
install_packages() {
	wanted=$(packages_of "$@")
	if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null
	then
		printf '%s\n' "$name: this system has no apt-get. Please install" \
		    "what Debian calls" >&2
		printf '    %s\n' $wanted >&2
		die "and then say: $again"
	fi
	missing=
	for package in $wanted; do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
		*' installed') ;;
		*) missing="$missing $package" ;;
		esac
	done
	if [ -z "$missing" ]; then
		say "all packages are installed"
		return
	fi
	say "to be installed:$missing"
	if [ "$(id -u)" -eq 0 ]; then
		root=
	elif [ -t 0 ] && command -v sudo >/dev/null; then
		root=sudo
	elif sudo -n true 2>/dev/null; then
		root='sudo -n'
	else
		die "I am not root and cannot become it; as root, please run:
    sh $top/contrib/install$missing
and then say: $again"
	fi
	is_yes "install them with apt-get, as root?" ||
	    die "then please install them yourself, and say: $again"
	mkdir -p "$top/build-$name"
	logged "$top/build-$name/install.log" "apt-get" \
	    $root sh "$top/contrib/install" $missing || exit 1
	say "installed"
}

# logged FILE WHAT COMMAND... - its output to FILE, shown if it fails.
logged() {
	file=$1
	what=$2
	shift 2
	if ! "$@" >"$file" 2>&1; then
		grep -nE '(^| )(error|ERROR):|^(FAIL|ERROR): |\*\*\*' "$file" |
		    head -n 20 >&2
		tail -n 15 "$file" >&2
		printf '%s: %s failed; all of it is in %s\n' "$name" "$what" \
		    "$file" >&2
		return 1
	fi
}

# build DIRECTORY CONFIGURE-ARGUMENT... - in $top/DIRECTORY; what is there is
# used again, if it was configured in the same way.
build() {
	directory=$1
	shift
	say "building in $directory ($*)"
	mkdir -p "$top/$directory"
	if [ ! -x "$top/configure" ] || [ "$top/configure" -ot \
	    "$top/configure.ac" ] || [ ! -f "$top/Makefile.in" ]; then
		logged "$top/$directory/autoreconf.log" autoreconf \
		    sh -c 'cd "$1" && autoreconf -i' sh "$top" || return 1
	fi
	if [ ! -f "$top/$directory/Makefile" ] ||
	    [ "$(cat "$top/$directory/.configured" 2>/dev/null)" != "$*" ]; then
		logged "$top/$directory/configure.log" configure sh -c 'cd "$1" && shift &&
		    ../configure "$@"' sh "$top/$directory" "$@" || return 1
		printf '%s\n' "$*" >"$top/$directory/.configured"
	fi
	logged "$top/$directory/make.log" make \
	    make -C "$top/$directory" -j"$jobs" || return 1
	say "built"
}
