/* The provider's section in OpenSSL's configuration, config(5): OpenSSL does not say what is
 * wrong with it. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZKV_SECTION_H
#define MI_TOKEN_HELPER_AZKV_SECTION_H

#include "base/text.h"

/* What a program's OpenSSL will make of the file. */
struct section {
	bool is_named;      /* the list of providers has azkv */
	char identity[600]; /* token-identity, or "" */
};

/* MITOK_E_CONF: the file cannot be read, or its section of azkv makes that it is not loaded,
 * or has a line that means nothing. *ret is filled in all the same. */
enum mitok_code section_of(
	const char *path, struct section *ret, struct mitok_err *e) MUST_CHECK;

#endif
