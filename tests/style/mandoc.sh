# The manuals are sound mdoc.
# SPDX-License-Identifier: MIT
. tests/style/lib.sh

pages=$(find man -name '*.[1357]' 2>/dev/null | LC_ALL=C sort)

for page in man/mi-token.1 man/git-credential-mi-token.1 man/docker-credential-mi-token.1 \
	man/mi-token-curl.1 man/azkv.7 man/mi-token.conf.5 man/libmi-token.3 man/mi-token-security.7; do
	[ -e "$page" ] || echo "$page is missing"
done | none "each part has its manual"

if ! command -v mandoc >/dev/null; then
	echo "ok - mandoc finds nothing to complain about # SKIP mandoc is not installed"
	exit 0
fi
# Our own pages refer to each other before they are installed.
for page in $pages; do
	mandoc -T lint -W style "$page" | grep -vE 'referenced manual not found: Xr ([a-z-]*mi-token|azkv)'
done | none "mandoc finds nothing to complain about"

# A macro that quotes goes on to the end of its line, and takes in those that follow.
for page in $pages; do
	mandoc -T utf8 -O width=1000 "$page" | LC_ALL=C.UTF-8 grep -E "‘[^’]*‘" | sed "s,^,$page: ,"
done | none "no quotation in a manual stands inside of another"

for page in $pages; do
	for section in 'EXIT STATUS' ENVIRONMENT FILES EXAMPLES; do
		case $page:$section in *.[357]:EXIT* | *.[357]:ENV* | *.7:* | *.3:FILES) continue ;; esac
		grep -qx ".Sh $section" "$page" || echo "$page has no $section"
	done
done | none "manuals have the sections that people look for"
