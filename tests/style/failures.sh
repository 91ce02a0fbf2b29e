# The manual tells what the rows of tests/data/failures have, and there are enough of them.
# SPDX-License-Identifier: MIT
. tests/style/lib.sh

tests/failures >"${TMPDIR:-/tmp}/failures"
sed -n '/^\.\\" scenarios begin$/,/^\.\\" scenarios end$/p' man/mi-token-doctor.1 | sed '1d;$d' |
	diff -u - "${TMPDIR:-/tmp}/failures" |
	none 'mi-token-doctor(1) has the failures that are tested'

awk '/^== / { what = $0; says = 0; status = 0 }
	/^says / && !/TBD/ { says++ }
	/^status [0-9]$/ { status++ }
	/^$/ { if (what && (says != 1 || status != 1)) print what; what = "" }
	END { if (what && (says != 1 || status != 1)) print what }' tests/data/failures |
	none 'each of them has one line that it says, and one status'

grep '^== ' tests/data/failures | sort | uniq -d | none 'no two of them are the same'

sections=$(sed -n 's/^# \([a-z-]*\): .*/\1/p' tests/data/failures)
for section in $sections; do
	grep -qx "play $section" tests/cli/failures-*.sh || echo "nobody plays $section"
done | none 'each section is played'
