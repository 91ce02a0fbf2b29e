/* The configuration: files under /etc, then the user's, in libconfig syntax; every value
 * with the place it came from. mi-token.conf(5) is its manual.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_IO_CONF_H
#define MI_TOKEN_IO_CONF_H

#include "base/err.h"
#include "io/host.h"
#include "io/module.h"

/* One scalar value and where it stands ("/etc/mi-token/mi-token.conf:7", "default"). */
struct conf_value {
	char *text;
	char *origin;
};

/* identities.NAME; members that are not set are NULL. */
struct conf_identity {
	char *name;
	char *client_id, *object_id, *resource_id, *tenant_id;
	/* federate: the application it vouches for, and where; both or neither. */
	char *federate_client_id, *federate_tenant_id;
	char *origin;
	struct conf_identity *next;
};

/* One row of rules; at least one of host, path and resource is set. A host that begins
 * with '.' stands for all below it. */
struct conf_rule {
	char *host, *path, *resource; /* what it matches; NULL matches all */
	char *identity;               /* selector or name; NULL with deny */
	bool deny;
	bool root; /* stands in a file of root's */
	char *origin;
	struct conf_rule *next;
};

/* A key that root said nobody below may change. */
struct conf_final {
	char *key;
	char *origin;
	struct conf_final *next;
};

struct conf {
	struct conf_value identity; /* selector or name */
	struct conf_value
		env_identity;      /* MI_TOKEN_IDENTITY, which beats rules; or empty */
	struct conf_value source;  /* "auto", or names of sources with commas between:
				    * their letters are checked here, that there are such
				    * is not */
	struct conf_value cloud;   /* "auto", "public", "usgov", "china" */
	struct conf_value timeout; /* as text; text_to_ms() has accepted it */
	struct conf_value audit;   /* "true" or "false" */
	char **allow_hosts;        /* endpoints.allow_hosts, NULL-terminated or NULL */
	char *allow_hosts_origin;
	struct conf_identity *identities;
	struct conf_rule *rules; /* root's rules first, in the order of the files */
	struct conf_final *finals;
};

#define CONF_DIR "/etc/mi-token"

/* The configuration comes into being in three steps. The second is the dear one, and asks
 * nothing but the texts of the first: who has its result from before may skip it.
 *
 * 1. Reads CONF_DIR/mi-token.conf, CONF_DIR/conf.d/ *.conf in name order, the user's file
 * (MI_TOKEN_CONFIG, else $XDG_CONFIG_HOME/mi-token/mi-token.conf, else
 * ~/.config/mi-token/mi-token.conf) into *ret, which is empty. Missing files are fine, but
 * for the one that MI_TOKEN_CONFIG names ("/dev/null": no user's file); one that is there
 * but not to be trusted is MITOK_E_CONF. Files that say nothing are left out. */
enum mitok_code conf_collect(
	const struct host *h, struct text *ret, struct mitok_err *e) MUST_CHECK;
/* 2. Merges them into c, which is zero. What is not parsable or not understood is
 * MITOK_E_CONF with file and line. */
enum mitok_code conf_parse(
	const struct text *files, struct conf *c, struct mitok_err *e) MUST_CHECK;
/* 3. Adds the environment's MI_TOKEN_IDENTITY, MI_TOKEN_SOURCE, MI_TOKEN_CLOUD and
 * MI_TOKEN_TIMEOUT, then conf_defaults(). */
enum mitok_code conf_finish(
	const struct host *h, struct conf *c, struct mitok_err *e) MUST_CHECK;
/* An identity that counts as that of MI_TOKEN_IDENTITY does, which must not be set, but
 * comes from elsewhere, as origin says. */
enum mitok_code conf_identity_from(struct conf *c, const char *origin, const char *text,
	struct mitok_err *e) MUST_CHECK;
/* In every case c is the caller's, who ends it with conf_wipe(). */

/* One of the files that conf_collect() found, lent. */
struct conf_file {
	bool root;
	const char *path, *text;
};
/* The next one; *at is 0 for the first. false: there is none. */
bool conf_file_next(
	const struct text *files, size_t *at, struct conf_file *ret) MUST_CHECK;

/* What conf_parse() made, as bytes, and back into a zeroed struct. false: the bytes are not
 * what conf_pack() writes, or memory is out, and *ret is zero. */
void conf_pack(const struct conf *c, struct text *ret);
bool conf_unpack(const struct text *packed, struct conf *ret) MUST_CHECK;

/* One file's text merged into c, as conf_parse() does; root: it may hold what only root
 * may say. After a failure c is good for conf_wipe() only. For tests and the fuzzer. */
enum mitok_code conf_merge(struct conf *c, const char *file, const char *text, bool root,
	struct mitok_err *e) MUST_CHECK;
/* Fills in the defaults of what is not set; refuses names of identities that nobody
 * defined. */
enum mitok_code conf_defaults(struct conf *c, struct mitok_err *e) MUST_CHECK;
void conf_wipe(struct conf *c);

/* Where root said that nobody below may change key; NULL when it did not. */
const char *conf_final(const struct conf *c, const char *key);
const struct conf_identity *conf_identity_find(const struct conf *c, const char *name);

/* Calls each() for every key with its effective value in mi-token.conf's own syntax. */
enum mitok_code conf_each(const struct conf *c,
	void (*each)(void *arg, const char *key, const char *value, const char *origin),
	void *arg, struct mitok_err *e) MUST_CHECK;

/* The module conf.so: struct module first, then the parser behind conf_merge(). */
struct conf_module {
	struct module module;
	enum mitok_code (*merge)(struct conf *c, const char *file, const char *text,
		bool root, struct mitok_err *e);
};

#endif
