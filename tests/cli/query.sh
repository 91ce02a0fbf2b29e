#!/bin/sh
# mi-token query: JMESPath over JSON on stdin, in az's formats.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

list='[{"id":"s2","isDefault":false,"name":"Dev","user":{"name":"x"}},{"id":"s1","isDefault":true,"name":"Prod","user":null}]'

# query DOCUMENT ARGUMENT...
query()
{
	document=$1
	shift
	printf '%s' "$document" | mi-token query "$@"
}

it 'the expression searches the document, and json is the default'
expect 0 '"Prod"' '' -- query "$list" '[?isDefault].name | [0]'
expect 0 '[
  "s1",
  "s2"
]' '' -- query "$list" 'sort([].id)'
expect 0 '{
  "a": 1,
  "b": "é"
}' '' -- query '{"x":1,"y":"\u00e9"}' '{b: y, a: x}'
is 'last newline' "$(query 1 @ | tail -c 1 | od -An -tx1)" ' 0a'

it 'without an expression the document is printed'
expect 0 '[
  1,
  null
]' '' -- query '[1,null]'
expect 0 '- 1' '' -- query '[1]' -o yaml

it 'a null that was searched for prints nothing, in every format'
for format in json jsonc yaml yamlc table tsv none; do
	expect 0 '' '' -- query "$list" nope -o "$format"
done

it 'formats are taken as az takes them'
tab=$(printf '\t')
expect 0 "s2${tab}Dev
s1${tab}Prod" '' -- query "$list" '[].[id,name]' -o tsv
for option in '-o tsv' -otsv -o=tsv '--output tsv' --output=TSV '--out tsv' '-o TSV'; do
	# Words of an option are split on purpose.
	# shellcheck disable=SC2086
	expect 0 Dev '' -- query "$list" $option '[0].name'
	# shellcheck disable=SC2086
	expect 0 Dev '' -- query "$list" '[0].name' $option
done
expect 0 "Prod${tab}s1" '' -- query "$list" '[1].{n:name,i:id}' -o tsv
expect 0 'N    I
---  ---
Dev  s2' '~' -- query "$list" '[0].{n:name,i:id}' -o table
expect 0 '' '' -- query "$list" @ -o none

it 'a wrong expression is usage, tells where, and repeats nothing of it'
expect 2 '' "~mi-token: no JMESPath expression: *, at byte 5" -- query '{}' 'foo['
expect 2 '' '~mi-token: no JMESPath expression: *ends too early, at byte 1' -- query '{}' ''
query '{}' 'hush!hush' 2>"$T/err"
is 'repeated' "$(grep -c hush "$T/err")" 0

it 'an expression that fails on the document says so in the words of az'
expect 2 '' 'mi-token: the query: Unknown function: badfn()' -- query '{}' 'badfn()'
expect 2 '' "mi-token: the query: In function abs(), invalid type for value: ***, expected one of: ['number'], received: \"string\"" \
	-- query '{"secret":"hush"}' 'abs(secret)'

it 'input that is no JSON is one line'
expect 7 '' '~mi-token: stdin: no JSON: *' -- query '{"a":' a
expect 7 '' '~mi-token: stdin: no JSON: *' -- query '' a
expect 7 '' '~mi-token: stdin: no JSON: *' -- query '1 2' a
mi-token query a <&- >"$T/out" 2>"$T/err"
is 'status of a closed stdin' "$?:$(wc -l <"$T/err")" 2:1

it 'errors can be JSON'
expect 2 '' '~{*"message": "no JMESPath expression: *' -- query '{}' --error-format json 'a b'

it "az's own files may begin with a byte order mark"
expect 0 '"x"' '' -- query "$(printf '\357\273\277{"a":"x"}')" a

it 'what else the command line can be wrong about is told'
expect 2 '' '~mi-token: --output is one of json, jsonc, *' -- query '{}' -o xml @
expect 2 '' '~mi-token: more than one expression*' -- query '{}' a b
expect 2 '' '~mi-token: --error-format is text or json*' -- query '{}' --error-format xml @
expect 2 '' '~mi-token: --bogus is no option*' -- query '{}' --bogus @
expect 2 '' '~mi-token: -o lacks its value*' -- query '{}' @ -o

it 'help and version are printed, and nothing is read'
expect 0 '~usage: mi-token query *--output*tsv*' '' -- mi-token query --help
expect 0 '~usage: mi-token query *' '' -- mi-token help query
expect 0 '~mi-token [0-9]*' '' -- mi-token query --version

it 'large documents are searched, larger ones refused'
awk 'BEGIN { printf "["; for (i = 0; i < 60000; i++) printf "%s{\"id\":%d}", i ? "," : "", i; print "]" }' >"$T/large"
expect 0 59999 '' -- mi-token query 'max([].id)' <"$T/large"
{ echo '["'; head -c 17000000 /dev/zero | tr '\0' x; echo '"]'; } >"$T/huge"
mi-token query 'length(@)' <"$T/huge" >"$T/out" 2>"$T/err"
is 'status' $? 2
is 'message' "$(cat "$T/err")" 'mi-token: stdin: more than 16777216 bytes'

it 'long and deep expressions end within a second'
awk 'BEGIN { for (i = 0; i < 10000; i++) printf "(" }' >"$T/deep"
start=$(date +%s)
query '{}' "$(cat "$T/deep")" 2>"$T/err"
is 'status' $? 2
is 'seconds' "$(($(date +%s) - start <= 1))" 1
