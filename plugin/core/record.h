/* The text format of a cache file: a key, typed fields, a checksum.
 * SPDX-License-Identifier: MIT
 *
 *	mi-token cache 1
 *	key imds|http%3A%2F%2F...
 *	expires 1795597181
 *	...
 *	sum 5f1d7a84db00d2fc
 *
 * One field a line, in the order of its table, name and value parted by one blank, values
 * without control characters; of RECORD_BYTES the length, and the bytes on the line after
 * it. The checksum is FNV-1a (64 bit) over all lines before it:
 *it finds torn files, not forgers; only the owner can write there. A file that differs in
 * any way is no record, which is a cache miss and never an error. */
#ifndef MI_TOKEN_CORE_RECORD_H
#define MI_TOKEN_CORE_RECORD_H

#include "base/secret.h"
#include "base/text.h"

enum record_kind {
	RECORD_TEXT,   /* char[size] */
	RECORD_NUMBER, /* int64_t */
	RECORD_CODE,   /* int, an enum of ours included */
	RECORD_SECRET, /* struct secret */
	RECORD_BYTES,  /* struct text, of any bytes */
};

/* A table of these, ended by a NULL name, describes a struct. */
struct record_field {
	const char *name;
	enum record_kind kind;
	size_t offset, size;
};
#define RECORD_FIELD(type, name, kind, member)                                  \
	{                                                                       \
		name, kind, offsetof(type, member), sizeof(((type *)0)->member) \
	}

/* Writes the struct at base. false: out of memory. */
bool record_format(const struct record_field *fields, const char *key, const void *base,
	struct secret *ret) MUST_CHECK;
/* Fills the struct at base, which is zero before. key NULL takes any key. false: it is no
 * such record, and what stands in base is to be released all the same. */
bool record_parse(const struct record_field *fields, const char *key,
	const struct secret *file, void *base) MUST_CHECK;

#endif
