# Each header compiles alone, and the public one for everybody.
# SPDX-License-Identifier: MIT
. tests/style/lib.sh

check() { # HEADER, FLAGS...
	header=$1
	shift
	echo "#include \"$header\"" | ${CC:-cc} -fsyntax-only -Wall -Wextra -Werror "$@" - 2>&1
}

for header in $(c_files plugin helper tests | grep '\.h$'); do
	check "$header" -x c -std=c11 -D_GNU_SOURCE -I. -Iplugin -I"$(dirname "$header")"
done | none "each header compiles alone"

for standard in c99 c11 c2x; do
	check mi-token.h -x c -std=$standard -pedantic -Iplugin
done | none "mi-token.h is plain C, from C99 on"

if echo | ${CXX:-c++} -x c++ -fsyntax-only - 2>/dev/null; then
	for standard in c++11 c++20; do
		echo '#include "mi-token.h"' |
			${CXX:-c++} -x c++ -std=$standard -fsyntax-only -Wall -Wextra -Werror -pedantic -Iplugin - 2>&1
	done | none "mi-token.h compiles as C++"
else
	echo "ok - mi-token.h compiles as C++ # SKIP there is no C++ compiler"
fi
