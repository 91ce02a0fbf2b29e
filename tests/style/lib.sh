# For the style tests, which look at the sources as text.
# SPDX-License-Identifier: MIT
set -u

# none SENTENCE: holds when standard input is empty; else its lines tell what is wrong.
none() {
	found=$(cat)
	[ -z "$found" ] || printf '%s\nnot ' "$found"
	echo "ok - $1"
}

# All our files, one a line: what git knows, or, without git, what is there.
files() {
	git ls-files --cached --others --exclude-standard 2>/dev/null ||
		find . -path ./build -prune -o -path ./.git -prune -o -type f -print | sed 's,^\./,,'
}

# Our sources in C below the folders given.
c_files() {
	find "$@" -name '*.[ch]' 2>/dev/null | LC_ALL=C sort
}
