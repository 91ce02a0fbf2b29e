/* Where keys are kept from one run to the next: a folder of our own. Keys are public, so what counts
 * is that nobody else can write there. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_SHELF_H
#define MI_TOKEN_HELPER_VERIFY_SHELF_H

#include "base/secret.h"
#include "base/text.h"

/* Opens the folder: path, else what systemd gives (CACHE_DIRECTORY), else mi-token-verify in
 * XDG_RUNTIME_DIR, which is made. *ret is -1 when there is none; MITOK_E_CONF when there is no
 * `path`, or it is not ours alone to write. */
enum mitok_code shelf_open(const char *path, int *ret, struct mitok_err *e) MUST_CHECK;

/* A file in it, whole. false: there is none that is to be believed. */
bool shelf_read(int dir, const char *name, struct secret *ret) MUST_CHECK;
/* Replaces it at once, or leaves it as it was. */
void shelf_write(int dir, const char *name, const struct text *content);

#endif
