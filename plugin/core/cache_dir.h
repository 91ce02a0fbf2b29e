/* The one safe place for tokens on disk: a directory of our own on tmpfs.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_CACHE_DIR_H
#define MI_TOKEN_CORE_CACHE_DIR_H

#include "io/host.h"

/* Opens the first candidate that passes, making it when its parent is fit; fills in its
 * path. -1: none does. */
int cache_dir_open(const struct host *h, char *ret_path, size_t size);

#endif
