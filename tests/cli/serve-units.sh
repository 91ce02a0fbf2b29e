#!/bin/sh
# The systemd units are such that systemd takes them.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

it 'systemd-analyze finds nothing to say'
if ! command -v systemd-analyze >/dev/null; then
	skip 'no systemd-analyze'
else
	mkdir -p "$T/units"
	for unit in socket service; do
		sed "s|^ExecStart=[^ ]*|ExecStart=$B/bin/mi-token|" "$B/systemd/mi-token-serve@.$unit" >"$T/units/mi-token-serve@.$unit"
	done
	expect 0 '' '' -- systemd-analyze verify --man=no "$T/units/mi-token-serve@invoicing.socket" \
		"$T/units/mi-token-serve@invoicing.service"
fi

it 'the command line of the unit is one that serve takes'
# shellcheck disable=SC2016 # a pattern
sed -n 's/^ExecStart=[^ ]* serve \(.*\) $ALLOW/\1/p' "$B/systemd/mi-token-serve@.service" >"$T/line"
is 'options' "$(cat "$T/line")" '--identity %i'
