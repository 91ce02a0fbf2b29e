# Nothing unfinished, nothing forbidden, nothing that does not belong in the repository.
# SPDX-License-Identifier: MIT
. tests/style/lib.sh

# How many lines of a file look into secrets; a new one is looked at by somebody, then
# counted here: file, number.
peeks() {
	sed '/^#/d' tests/style/peeks
}

code() { # PATTERN: where it stands in our C, comments left out
	c_files plugin helper | xargs -r awk -v pattern="$1" '
		FNR == 1 { comment = 0 }
		{
			line = $0
			if (comment) { if (!sub(/^.*\*\//, "", line)) next; comment = 0 }
			gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
			sub(/\/\/.*/, "", line)
			if (sub(/\/\*.*/, "", line)) comment = 1
			if (line ~ pattern) print FILENAME ":" FNR ": " $0
		}'
}

files | xargs -r grep -nIE '\b(TO''DO|FIX''ME|XX''X|HA''CK)\b|^[[:space:]]*#[[:space:]]*if 0' 2>/dev/null |
	none "nothing is marked as unfinished"

code '(^|[^a-z_])(str(cpy|cat|ncpy|ncat|tok)|v?sprintf|gets|alloca|ato[ilf]|atoll|system|popen|tmpnam|mktemp|getenv)[ ]*\(' |
	grep -v '^plugin/module/curl-setup\.c:.*AT_SECURE' | # asks what libcurl would see
	none "functions that cannot be used safely are not used"

code '^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)' |
	grep -vE '#ifndef MI_TOKEN_([A-Z0-9_]*_)?H$|__cplusplus|^plugin/(base|module)/' |
	none "conditional compilation stays in base/ and module/"

c_files plugin helper | xargs -r grep -cE 'secret_peek\(' | grep -v ':0$' |
	sed 's/:/ /' | LC_ALL=C sort >"$TMPDIR/peeks"
peeks | LC_ALL=C sort | diff - "$TMPDIR/peeks" | grep '^[<>]' |
	sed 's/^</tests\/style\/peeks says: /; s/^>/the sources say:        /' |
	none "only the files counted in tests/style/peeks look into secrets"

files | grep -E '\.([chs]|sh|map|in|[1357]|bash|zsh|fish|conf)$|^(Makefile|\.ci/run|tests/(run|deps|lint|demo|netns))$' |
	grep -v '^tests/data/' | while read -r file; do
	head -n 6 "$file" | grep -q 'SPDX-License-Identifier: MIT' || echo "$file"
done | none "each source names its licence"

files | sed 's,/.*,,' | LC_ALL=C sort -u |
	grep -vxE 'Makefile|README\.md|LICENSE|plugin|helper|conf|man|tests|\..*' |
	none "the top level has no other names"

c_files plugin helper tests | xargs -r wc -l | awk '$2 != "total" && $1 > 800 { print $2 ": " $1 " lines" }' |
	none "no file is longer than 800 lines"

files | grep -vE '\.(md|json)$|^tests/data/|^man/' | xargs -r grep -nIE '[[:space:]]+$' 2>/dev/null |
	none "no line ends in white space"
