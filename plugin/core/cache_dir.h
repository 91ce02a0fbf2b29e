/* The one safe place for tokens on disk: a directory of our own on tmpfs.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_CACHE_DIR_H
#define MI_TOKEN_CORE_CACHE_DIR_H

#include "io/host.h"

/* Opens the first candidate that passes, making it when its parent is fit and it may; fills
 * in its path. -1: none does. */
int cache_dir_open(const struct host *h, bool makes, char *ret_path, size_t size);
/* Each candidate, without making one; why_not NULL: it passes, or would when it is made. */
void cache_dir_each(const struct host *h,
	void (*each)(void *arg, const char *path, const char *why_not), void *arg);

#endif
