#!/bin/sh
# Each failure of this kind is told as what it is, and as nothing else: tests/data/failures.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/failures-lib.sh
. "$(dirname "$0")/failures-lib.sh"

play storage
