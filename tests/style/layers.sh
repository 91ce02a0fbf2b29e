# Includes point down only, and each foreign library has one file.
# SPDX-License-Identifier: MIT
. tests/style/lib.sh

# Folder, and whose headers its files may include; mi-token.h is everybody's.
layers() {
	cat <<-'END'
		plugin/base    base
		plugin/io      base io
		plugin/module  base io module
		plugin/source  base io source
		plugin/core    base io source core
		plugin/openssl base io openssl
		helper         base io
	END
}

# Foreign headers, and the only files that may include them: names begin so.
foreign() {
	cat <<-'END'
		libconfig.h plugin/module/conf
		curl/       plugin/module/curl
		json-c/     plugin/module/jsonc
		openssl/    plugin/openssl/|plugin/module/curl|helper/[a-z]*/
		microhttpd.h helper/serve/|helper/verify/
		dlfcn.h     plugin/io/module
	END
}

# Each `#include "x"` of a folder, as file:x.
ours() {
	c_files "$1" | xargs -r grep -HoE '^#[[:space:]]*include[[:space:]]*"[^"]+' | sed 's/:[^"]*"/:/'
}

# Ways up are wrong; a file of helper/ may include its neighbours by their bare names, and
# what programs share from where it lies.
ways_up() {
	layers | while read -r folder may; do
		allowed="mi-token\.h|($(echo "$may" | tr ' ' '|'))/[^/]*"
		[ "$folder" != helper ] || allowed="$allowed|[a-z-]*\.h|[a-z]*/[a-z-]*\.h|\.\./([a-z-]*/)?[a-z-]*\.h"
		ours "$folder" | grep -vE ":($allowed)\$"
	done
	ours helper | grep -E ':(source|core|openssl|module)/'
}

lost() {
	ours plugin | while IFS=: read -r file header; do
		[ -e "plugin/$header" ] || echo "$file: there is no plugin/$header"
	done
}

strangers() {
	foreign | while read -r header only; do
		c_files plugin helper | xargs -r grep -nHE "^#[[:space:]]*include[[:space:]]*<$header" |
			grep -vE "^($only)"
	done
}

# x.c includes x.h, when there is one, before anything else.
late_own_headers() {
	c_files plugin | grep '\.c$' | while read -r file; do
		own=${file#plugin/}
		own=${own%.c}.h
		[ -e "plugin/$own" ] || continue
		first=$(grep -m1 '^#include' "$file")
		[ "$first" = "#include \"$own\"" ] || echo "$file: $own is not its first include"
	done
}

folders=$(layers | awk '{ print $1 }')
find plugin -mindepth 1 -maxdepth 1 -type d | grep -vxF "$folders" |
	none "each folder of plugin/ is a layer"
ways_up | none "includes point down only"
lost | none "includes name their layer"
strangers | none "foreign libraries are included where they belong"
late_own_headers | none "a file includes its own header first"
