#!/bin/sh
# Our az says what the real one said to the same command lines: data/az/recorded.txt, made by
# tests/az-record, but for what data/az/differences.txt names. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

data=$root/tests/data/az
shims=$B/libexec/mi-token/shims

[ -x "$shims/az" ] || {
	echo 'our az is not built'
	exit 77
}

sim_start az
# Without the simulator's and the test's own variables, as for the real one.
PATH=$shims:$PATH sh "$root/tests/az-grid" "$data/grid.txt" >"$T/ours" 2>"$T/log" || bad 'the grid ends' "$(cat "$T/log")"

it 'the recording is of this grid'
grep '^[^#:]' "$data/grid.txt" | sed 's/^[^=]/$ &/' >"$T/want"
grep -E '^(\$|=) [^0-9]' "$data/recorded.txt" >"$T/have"
cmp -s "$T/want" "$T/have" || bad 'tests/az-record record makes a new one' "$(diff "$T/want" "$T/have" | head -n 5)"

# One sentence for each section. A difference is the line "WHAT COMMAND-LINE" with WHAT of
# stdout, stderr and status, with commas; one that is there no more has to go from the list.
awk -v differences="$data/differences.txt" -v real="$data/recorded.txt" '
	function read_all(file, into,    line, key, section, n, kind) {
		while ((getline line <file) > 0) {
			if (line ~ /^= [^0-9]/) { section = substr(line, 3) }
			else if (line ~ /^\$ /) {
				key = section SUBSEP substr(line, 3)
				key = key SUBSEP (++count[into, key])
				if (into == "real") { order[++rows] = key; sections[rows] = section }
				text[into, key, "status"] = 0
			}
			else if (line ~ /^= /) text[into, key, "status"] = substr(line, 3)
			else if (line ~ /^>/) text[into, key, "stdout"] = text[into, key, "stdout"] line "\n"
			else if (line ~ /^!/) text[into, key, "stderr"] = text[into, key, "stderr"] line "\n"
		}
		close(file)
	}
	function end_section() {
		if (section == "") return
		if (wrong != "") printf "%s", wrong | "cat >&2"
		print (wrong == "" ? "ok - " : "not ok - ") "as az: " section
		if (wrong != "") failed = 1
		wrong = ""
	}
	BEGIN {
		while ((getline line <differences) > 0) {
			if (line ~ /^(#|$)/) continue
			what = line; sub(/ .*/, "", what)
			command = substr(line, length(what) + 2)
			m = split(what, parts, ",")
			for (i = 1; i <= m; i++) expected[command, parts[i]] = 1
		}
		read_all(real, "real")
		read_all(ARGV[1], "ours")
		m = split("status stdout stderr", kinds, " ")
		for (r = 1; r <= rows; r++) {
			if (sections[r] != section) { end_section(); section = sections[r] }
			split(order[r], key, SUBSEP)
			for (i = 1; i <= m; i++) {
				kind = kinds[i]
				if (text["real", order[r], kind] "" != text["ours", order[r], kind] "") {
					if ((key[2], kind) in expected) used[key[2], kind] = 1
					else wrong = wrong "# " kind " of " key[2] "\n# real:\n" text["real", order[r], kind] "\n# ours:\n" text["ours", order[r], kind] "\n"
				}
			}
		}
		end_section()
		for (e in expected) if (!(e in used)) {
			split(e, key, SUBSEP)
			print "# no difference in " key[2] ": " key[1] | "cat >&2"
			stale = 1
		}
		print (stale ? "not ok" : "ok") " - the list of differences has none that is none"
		exit failed || stale
	}' "$T/ours" || lib_failed=1
