/* Entra's error numbers: what they mean to the owner of a managed identity, and the cure.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_AADSTS_H
#define MI_TOKEN_SOURCE_AADSTS_H

#include "base/err.h"

/* One AADSTS number (Microsoft Learn, "Microsoft Entra authentication and authorization
 * error codes"). */
struct aadsts {
	int number;
	enum mitok_code code;
	const char *means;
	const char *cure;
};
extern const struct aadsts aadsts_rows[]; /* ends with .number 0 */

/* NULL when the number is not in the table. */
const struct aadsts *aadsts_find(int number);

/* The number in "AADSTS<number>..." anywhere in the text, 0 when there is none. */
int aadsts_number(const char *text);

#endif
