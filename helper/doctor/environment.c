/* Variables of the environment, as all parts read them.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "doctor.h"

const char *facts_env(const char *name)
{
	const char *value = secure_getenv(name);

	return value && *value ? value : NULL;
}
