/* The library's own plug-ins: what only a cold path needs is loaded by it and not before.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_IO_MODULE_H
#define MI_TOKEN_IO_MODULE_H

#include "base/err.h"

/* Grows with each change of a struct that crosses the boundary (http.h, json.h, conf.h). */
#define MODULE_ABI 6

/* Every module exports one symbol, `mitok_module_<name>`, a constant struct that begins
 * with this. */
struct module {
	int abi; /* MODULE_ABI it was built with */
};

/* Loads <directory of the library>/mi-token/<name>.so, for good: it is never unloaded. When
 * the library is linked into a program: <directory of the program>/../lib/mi-token/, into
 * OpenSSL's provider in a folder `ossl-modules`: <that folder>/../mi-token/. Else where it is
 * installed. NULL and *e when it is missing or of another version. */
const struct module *module_find(const char *name, struct mitok_err *e);

#endif
