# tests/lib/tap.sh - TAP for tests in POSIX sh. Sourced.
COUNT=0
FAILED=0

# report OK WHY: one line of TAP; OK is 0 for yes.
report() {
	COUNT=$((COUNT + 1))
	if [ "$1" = 0 ]; then
		printf 'ok %d - %s\n' $COUNT "$(printf %s "$2" | tr '#\n' '  ')"
	else
		printf 'not ok %d - %s\n' $COUNT "$(printf %s "$2" | tr '#\n' '  ')"
		FAILED=$((FAILED + 1))
	fi
}

# show WORD TEXT: what was got or wanted, as a comment.
show() {
	printf '%s\n' "$2" | cut -c1-1000 | head -n 20 | sed "s/^/# $1: /"
}

# is WHY GOT WANT
is() {
	if [ "$2" = "$3" ]; then
		report 0 "$1"
	else
		report 1 "$1"
		show 'got ' "$2"
		show want "$3"
	fi
}

# has WHY TEXT PART, where PART may be a pattern of the shell
has() {
	case $2 in
	*$3*) report 0 "$1" ;;
	*)
		report 1 "$1"
		show 'got ' "$2"
		show want "$3"
		;;
	esac
}

# lacks WHY TEXT PART
lacks() {
	case $2 in
	*"$3"*)
		report 1 "$1"
		show 'got ' "$2"
		show without "$3"
		;;
	*) report 0 "$1" ;;
	esac
}

# ok WHY COMMAND...
ok() {
	_why=$1
	shift
	if "$@" >/dev/null; then
		report 0 "$_why"
	else
		report 1 "$_why"
		show failed "$*"
	fi
}

# The last line of a test. BEFORE_FINISH: a command that may report more.
finish() {
	${BEFORE_FINISH:-:}
	echo "1..$COUNT"
	[ "$FAILED" = 0 ]
	exit
}

# skip WHY: it cannot be tested here. (Of a test that speaks TAP meson takes the plan for that, and 77 for a failure.)
skip() {
	echo "1..0 # SKIP $1"
	exit 0
}
