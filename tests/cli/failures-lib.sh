# shellcheck shell=sh
# Plays the rows of tests/data/failures, and sees whether the cause is named that it is.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Ids that rows name between two @; @RESOURCES@ is the member of "arm" that has them all.
row_subscription=/subscriptions/11110000-0000-4000-8000-000000000001
row_group=$row_subscription/resourceGroups/demo/providers
row_ids="VM=$row_group/Microsoft.Compute/virtualMachines/vm1
STORAGE=$row_group/Microsoft.Storage/storageAccounts/mystorage
VAULT=$row_group/Microsoft.KeyVault/vaults/myvault"

# row_expand TEXT
row_expand()
{
	row_json='' row_sed="s|@SUB@|$row_subscription|g;"
	for row_id in $row_ids; do
		row_name=${row_id##*/} row_id=${row_id#*=}
		row_type=${row_id#"$row_group/"}
		row_json="$row_json${row_json:+,}\"$row_id\":{\"id\":\"$row_id\",\"name\":\"$row_name\",\"type\":\"${row_type%/*}\"}"
	done
	for row_id in $row_ids; do
		row_sed="${row_sed}s|@${row_id%%=*}@|${row_id#*=}|g;"
	done
	printf '%s' "$1" | sed "s|@RESOURCES@|\"resources\":{$row_json}|g;$row_sed"
}

# row_start SENTENCE: nothing of the row before is left.
row_start()
{
	row_what=$1 row_machine=vm-user row_with='' row_faults='[]' row_imds='' row_env='' row_conf=''
	row_first='' row_then='' row_user='' row_run='' row_paste='' row_says='' row_status=''
}

# row_line WORD REST: one line of a row.
row_line()
{
	case $1 in
	machine) row_machine=$2 ;;
	with) row_with="$row_with,$(row_expand "$2")" ;;
	faults) row_faults=$2 ;;
	imds) row_imds=$2 ;;
	env) row_env="$row_env $2" ;;
	conf) row_conf="$row_conf$2
" ;;
	first) row_first="$row_first$2
" ;;
	then) row_then="$row_then$2
" ;;
	user) row_user=$2 ;;
	run) row_run=$(row_expand "$2") ;;
	paste) row_paste="$row_paste$2
" ;;
	says) row_says=$2 ;;
	status) row_status=$2 ;;
	*)
		echo "tests/data/failures: no line begins with '$1'" >&2
		exit 1
		;;
	esac
}

# with MACHINE MEMBERS: a file with its scenario and these members over it.
with()
{
	{
		sed '$d' "$scenarios/$1.json"
		echo "$2}"
	} >"$T/scenario.json"
	echo "$T/scenario.json"
}

# The machine as it is before anything was asked of it.
row_prepare()
{
	rm -rf /etc/mi-token/mi-token.conf "${XDG_RUNTIME_DIR:?}" /run/user /dev/shm/mi-token*
	mkdir -p /run/user && mkdir -m 700 "$XDG_RUNTIME_DIR"
	[ -z "$row_conf" ] || printf '%s' "$row_conf" >/etc/mi-token/mi-token.conf
	[ -z "$row_imds" ] || return 0
	sim_reset
	sim_faults '[]'
	if [ -n "$row_first" ]; then
		sim_scenario "$row_machine"
		eval "$row_first"
	fi
	sim_scenario "$(with "$row_machine" "$row_with")"
	eval "$row_then"
	sim_faults "$row_faults"
}

# row_nobody COMMAND...: as a user who has no rights, from a folder that all can read.
row_nobody()
{
	if [ ! -d /run/nobody ]; then
		mkdir -p /run/nobody
		cp -R "$B/bin" "$B/lib" "$B/libexec" /run/nobody/
		chmod -R a+rX /run/nobody
	fi
	PATH=/run/nobody/bin:$PATH XDG_RUNTIME_DIR='' \
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# The command, in its own namespace where the address of the metadata service is not there.
row_do()
{
	row_inside=''
	[ -z "$row_imds" ] || row_inside="'$root/tests/netns' --imds $row_imds --"
	[ -z "$row_user" ] || [ "$(id -u)" != 0 ] || row_inside=row_nobody
	printf '%s' "$row_paste" >"$T/paste"
	eval "$row_inside env $row_env mi-token $row_run" <"$T/paste" >"$T/out" 2>"$T/err"
	is "status of mi-token $row_run" $? "$row_status"
	# Columns are for people.
	sed 's/  */ /g; s/^ //; s/ $//' "$T/out" >"$T/lines"
}

# has_line: a line is the row's; "..." stands for anything.
has_line()
{
	row_want="~$(printf '%s' "$row_says" | sed 's/[][*?\\]/\\&/g; s/\.\.\./*/g')"
	while IFS= read -r row_got; do
		! same "$row_got" "$row_want" || return 0
	done <"$T/lines"
	return 1
}

# No other cause may be told, and no other rung have failed.
row_judge()
{
	case $row_says in
	'cause '*) row_others=$(grep -c '^cause ' "$T/lines") row_allowed=1 ;;
	'fail '*) row_others=$(grep -c '^fail ' "$T/lines") row_allowed=1 ;;
	*) row_others=$(grep -c '^fail ' "$T/lines") row_allowed=0 ;;
	esac
	[ "$row_others" = $row_allowed ] || bad "$row_others causes instead of $row_allowed"
	has_line || bad "not said: $row_says" "$(cat "$T/out" "$T/err")"
}

row_end()
{
	[ -n "$row_what" ] || return 0
	it "$row_what"
	row_prepare
	row_do
	row_judge
	row_count=$((row_count + 1))
	[ -z "${FAILURES_SHOW-}" ] || sed 's/^/#   /' "$T/out" "$T/err" >&2
	row_what=''
}

# play SECTION: the rows below `# SECTION: ...`.
play()
{
	row_count=0 row_inside_section='' row_what=''
	sim_start vm-user
	while IFS= read -r row_text; do
		case $row_text in
		'//'*) ;;
		"# $1: "*) row_inside_section=1 ;;
		'# '*) row_inside_section='' ;;
		'== '*) [ -z "$row_inside_section" ] || row_start "${row_text#== }" ;;
		'') row_end ;;
		*) [ -z "$row_what" ] || row_line "${row_text%%[ 	]*}" "$(printf '%s' "${row_text#*[ 	]}" | sed 's/^[ 	]*//')" ;;
		esac
	done <"$root/tests/data/failures"
	row_end
	it "there are rows about '$1'"
	[ "$row_count" -gt 0 ] || bad 'none'
}
