# Whatever a user can write or read stands in the manual and in the sample configuration.
# SPDX-License-Identifier: MIT
. tests/style/lib.sh

# undocumented FILE: of the words on standard input, those that do not stand in it. mdoc
# writes options as `Fl -name`, and a hyphen may be escaped.
undocumented() {
	page=$(sed 's/\\-/-/g; s/\\&//g; s/Fl -/--/g' "$1" 2>/dev/null)
	while read -r word; do
		printf '%s\n' "$page" | grep -qE "(^|[^A-Za-z0-9_-]|--?)$word([^A-Za-z0-9_-]|\$)" ||
			echo "$1 does not have $word"
	done
}

# Names in the first column of the tables at a file's left edge, `<tab>{ "name", ...`.
rows() {
	sed -n 's/^\t{ "\([a-z0-9._-]*\)".*/\1/p' "$@"
}

# A group's members stand in the group's braces: endpoints = { allow_hosts = ... }.
keys() {
	rows plugin/io/conf_key.c | sed 's/.*\.//'
	echo deny
}

options() {
	rows helper/options.c helper/git-admin/options.c helper/query-main/main.c helper/azkv/options.c helper/explain/main.c | sed 's/^/--/'
}

# The name is what follows `const struct cmd cmd_x = {`; programs of their own have a table,
# and so have their commands.
commands() {
	rows helper/program.c helper/git-admin/main.c
	c_files helper | xargs -r awk -F '"' '
		/^const struct cmd cmd_.* = \{/ { inside = 1 }
		inside && NF > 1 { print $2; inside = 0 }'
}

sources() {
	c_files plugin/source | xargs -r awk -F '"' '
		/^const struct source source_.* = \{/ { inside = 1 }
		inside && /\.name = / { print $2; inside = 0 }'
}

# Those in a table called environment[] are set or taken away for a child, not read; RSA1_5 is
# an algorithm.
variables() {
	c_files plugin helper | xargs -r awk '
		FNR == 1 { inside = 0 }
		/^} environment\[\] = {/ { inside = 1 }
		!inside { print }
		/^};/ { inside = 0 }' | grep -oE '"[A-Z][A-Z0-9]*_[A-Z0-9_]+"' | tr -d '"' | grep -vx RSA1_5
}

# What is installed into a folder of PATH.
programs() {
	sed -n 's/^programs *:=//p' Makefile | grep -oE '/bin/[a-z-]+' | sed 's,/bin/,,'
}

# Commands with a page of their own, but curl, whose options are curl's, and serve (below).
pages() {
	rows helper/program.c | while read -r program; do
		case $program in curl | serve) continue ;; esac
		[ ! -e "man/mi-token-$program.1" ] || echo "$program"
	done
}

# The options that a program tells of.
helped() {
	"$B/$1" --help | sed -n 's/^  *\(-[A-Za-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p'
}

# Number and name of each code.
codes() {
	sed -n 's/^\tMITOK_\(OK\|E_[A-Z]*\) = \([0-9]*\),.*/\2 MITOK_\1/p' plugin/mi-token.h
}

constants() {
	grep -oE '^	MITOK_[A-Z_]+' plugin/mi-token.h | tr -d '\t'
}

both() { # WHAT, DOCUMENTS...: what it prints stands in each of the documents
	what=$1
	shift
	[ -n "$($what)" ] || echo "this test finds no $what in the sources"
	for document; do
		$what | sort -u | undocumented "$document"
	done
}

both commands man/mi-token.1 | none "each command is in mi-token(1)"
both options man/mi-token.1 | none "each option is in mi-token(1)"
codes | while read -r number name; do
	grep -qE "^\.It (Sy )?$number\$" man/mi-token.1 2>/dev/null || echo "mi-token.1 lacks .It $number ($name)"
done | none "each exit status is in mi-token(1)"
rows helper/curl/own.c | sed 's/^/--/' | undocumented man/mi-token-curl.1 |
	none "each option of mi-token curl is in mi-token-curl(1)"
both sources man/mi-token.1 man/mi-token.conf.5 conf/mi-token.conf |
	none "each source is in mi-token(1), mi-token.conf(5) and conf/mi-token.conf"
both keys man/mi-token.conf.5 conf/mi-token.conf |
	none "each key is in mi-token.conf(5) and conf/mi-token.conf"
cat man/*.[15] >"$TMPDIR/manuals"
both variables "$TMPDIR/manuals" | sed "s,^$TMPDIR/manuals does not have,no manual has," |
	none "each environment variable is in a manual of section 1 or 5"
programs | while read -r program; do
	[ -n "$(helped "bin/$program")" ] || echo "$program --help lists no option"
	helped "bin/$program" | undocumented "man/$program.1"
done | none "each program's manual has the options of its --help"
for program in serve exec keep-fresh; do
	helped "libexec/mi-token/mi-token-$program" | undocumented man/mi-token-serve.1
done | none "mi-token-serve(1) has the options of serve, exec and keep-fresh"
pages | while read -r program; do
	helped "libexec/mi-token/mi-token-$program" | undocumented "man/mi-token-$program.1"
done | none "each command with a page of its own has its options there"

# The short options that a page has: a capital letter in a program's table is none but -V.
while read -r page names; do
	for name in $names; do
		"$B/$name" --help 2>/dev/null
	done >"$TMPDIR/help"
	sed -nE 's/^\.(It )?Fl ([A-Za-z]) , (Fl )?-([a-z-]*).*/-\2, --\4/p' "$page" | sort -u |
		while read -r pair; do
			grep -qF -e "$pair" "$TMPDIR/help" || echo "$page has $pair"
		done
done <<END | none "pages tell of no short option that there is not"
man/mi-token.1 bin/mi-token
man/mi-token-serve.1 libexec/mi-token/mi-token-exec libexec/mi-token/mi-token-serve libexec/mi-token/mi-token-keep-fresh
$(pages | sed 's,.*,man/mi-token-&.1 libexec/mi-token/mi-token-&,')
END
both constants man/libmi-token.3 | none "each constant is in libmi-token(3)"

# Completions offer what there is; a shell writes an option with or without its hyphens.
for shell in bash zsh fish; do
	{
		commands
		options | sed 's/^--//'
		pages | while read -r program; do
			helped "libexec/mi-token/mi-token-$program" | sed 's/^--//'
		done
	} | sort -u | undocumented "conf/completions/mi-token.$shell"
done | none "each command and option is completed by bash, zsh and fish"
