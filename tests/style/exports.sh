# What the shared objects export is what the header, the map and the manual say.
# SPDX-License-Identifier: MIT
. tests/style/lib.sh

exported() {
	nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }'
}

# The lines of one text that the other lacks, either way; $1 and $2 name the two.
differ() {
	printf '%s\n' "$3" | sed '/^$/d' >"$TMPDIR/a"
	printf '%s\n' "$4" | sed '/^$/d' >"$TMPDIR/b"
	grep -vxFf "$TMPDIR/b" "$TMPDIR/a" | while read -r x; do echo "$x is in $1, not in $2"; done
	grep -vxFf "$TMPDIR/a" "$TMPDIR/b" | while read -r x; do echo "$x is in $2, not in $1"; done
}

header=$(grep -oE '\bmitok_[a-z_]+\(' plugin/mi-token.h | tr -d '(' | sort -u)
map=$(grep -oE '\bmitok_[a-z_]+;' plugin/mi-token.map | tr -d ';')
manual=$(sed -n 's/^\.F[no] "*\([a-z* ]* \**\)*\(mitok_[a-z_]*\).*/\2/p' man/libmi-token.3 2>/dev/null)

differ mi-token.h mi-token.map "$header" "$map" | none "the map has the header's functions"
differ libmi-token.so.0 mi-token.map "$(exported "$B/lib/libmi-token.so.0")" "$map" |
	none "the library exports the map's functions and nothing else"
differ mi-token.h libmi-token.3 "$header" "$manual" | none "libmi-token(3) has the header's functions"

for module in "$B"/lib/mi-token/*.so; do
	name=$(basename "$module" .so)
	differ "$module" "one symbol" "$(exported "$module")" "mitok_module_$name"
done | none "a module exports its one symbol"

# A guest brings nothing that the hot path does not need.
needed() {
	objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }' | grep -vE "^($2)\\.so" | sed "s,^,$1 needs ,"
}
{
	needed "$B/lib/libmi-token.so.0" 'libc|libconfig|ld-linux[a-z0-9-]*'
	needed "$B/bin/mi-token" 'libc|libmi-token|ld-linux[a-z0-9-]*'
} | none "the hot path links libc, libconfig and ourselves"
