#!/bin/sh
# Our az says what the real one said to the same command lines: data/az/recorded.txt, made by
# tests/az-record, but for what data/az/differences.txt names. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

data=$root/tests/data/az
shims=$B/libexec/mi-token/shims

case $B in *san-*)
	echo 'ok - the grid of az # SKIP with sanitizers the other tests of az run'
	exit
	;;
esac

sim_start az
# Without the simulator's and the test's own variables, as for the real one.
PATH=$shims:$PATH sh "$root/tests/az-grid" "$data/grid.txt" >"$T/ours" 2>"$T/log" || bad 'the grid ends' "$(cat "$T/log")"

it 'the recording is of this grid'
grep '^[^#:]' "$data/grid.txt" | sed 's/^[^=]/$ &/' >"$T/want"
grep -E '^(\$|=) [^0-9]' "$data/recorded.txt" >"$T/have"
cmp -s "$T/want" "$T/have" || bad 'tests/az-record record makes a new one' "$(diff "$T/want" "$T/have" | head -n 5)"

# One sentence for each section. What differs is in the list; a line there that stands for no
# difference any more has to go.
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
	# A glob that knows "*" only.
	function to_regex(glob) {
		gsub(/[^A-Za-z0-9 *]/, "[&]", glob)
		gsub(/\[\^\]/, "\\^", glob)
		gsub(/\[\\\]/, "\\\\", glob)
		gsub(/\*/, ".*", glob)
		return "^" glob "$"
	}
	function is_expected(section, command, kind,    i, found) {
		for (i = 1; i <= lines; i++)
			if ((wheres[i] == "" || wheres[i] == section) && index(whats[i], "," kind ",") && command ~ patterns[i])
				found = used[i] = 1
		return found
	}
	# "footer": what real usage errors say below the sentence; "warnings": lines of that kind.
	function real_text(r, command, kind,    t) {
		t = text["real", order[r], kind]
		if (kind != "stderr") return t
		if (t ~ /\n! \n! https:..aka.ms.cli_ref|one argument\n! To learn more about --query/ && is_expected(section, command, "footer"))
			t = substr(t, 1, index(t, "\n"))
		if (t ~ /! WARNING: / && is_expected(section, command, "warnings"))
			gsub(/! WARNING: [^\n]*\n/, "", t)
		return t
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
			if (line ~ /^= /) { where = substr(line, 3); continue }
			what = line; sub(/ .*/, "", what)
			wheres[++lines] = where == "*" ? "" : where
			whats[lines] = "," what ","
			patterns[lines] = to_regex(substr(line, length(what) + 2))
			all[lines] = line
		}
		read_all(real, "real")
		read_all(ARGV[1], "ours")
		m = split("status stdout stderr", kinds, " ")
		for (r = 1; r <= rows; r++) {
			if (sections[r] != section) { end_section(); section = sections[r] }
			split(order[r], key, SUBSEP)
			for (i = 1; i <= m; i++) {
				kind = kinds[i]
				if (real_text(r, key[2], kind) "" != text["ours", order[r], kind] "") {
					if (!is_expected(section, key[2], kind))
						wrong = wrong "# " kind " of " key[2] "\n# real:\n" text["real", order[r], kind] "\n# ours:\n" text["ours", order[r], kind] "\n"
				}
			}
		}
		end_section()
		for (i = 1; i <= lines; i++) if (!(i in used)) {
			print "# no difference: " all[i] | "cat >&2"
			stale = 1
		}
		print (stale ? "not ok" : "ok") " - the list of differences has none that is none"
		exit failed || stale
	}' "$T/ours" || lib_failed=1

# The same grid under the spy of tests/spy, which knows the tokens that are kept at each start.
it 'over the whole grid no token is left in memory, or told by an error'
mkdir -p "$T/spied" "$T/spies"
cat >"$T/spies/az" <<-END
	#!/bin/sh
	sed -n 's/^token //p' "\$XDG_RUNTIME_DIR"/mi-token/*.token >$T/spied/\$\$.secrets 2>/dev/null
	[ -s $T/spied/\$\$.secrets ] || exec $shims/az "\$@" # it knows nothing yet
	export SPY_SECRETS=$T/spied/\$\$.secrets SPY_REPORT=$T/spied/\$\$.report LD_BIND_NOW=1
	LD_PRELOAD=$B/tests/cli/spy.so exec $shims/az "\$@"
END
chmod +x "$T/spies/az"
PATH=$T/spies:$PATH sh "$root/tests/az-grid" "$data/grid.txt" >"$T/spied.txt" 2>"$T/log" || bad 'the grid ends' "$(cat "$T/log")"
is 'spied on' "$(cat "$T"/spied/*.report | grep -c '^end')" '~[1-9][0-9][0-9]'
# What the TLS libraries give back is not ours to wipe.
is 'findings' "$(cat "$T"/spied/*.report | grep -v -e '^end' -e '^free of [0-9]* bytes by lib\(ssl\|crypto\)\.' |
	sort | uniq -c | head -n 5)" ''
