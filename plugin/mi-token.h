/* SPDX-License-Identifier: MIT
 *
 * libmi-token: Microsoft Entra access tokens for the managed identity of this machine.
 *
 * Manual: libmi-token(3). Loading the library does nothing: no I/O, no thread, no signal
 * handler, no environment. It never writes to stderr and never ends the process. */
#ifndef MI_TOKEN_H
#define MI_TOKEN_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct mitok;       /* settings and cache; any number of threads may share one */
struct mitok_token; /* one access token, never changed; its memory is wiped when freed */

/* What a caller can do about it; also mi-token(1)'s exit status. Only append. */
enum mitok_code {
	MITOK_OK = 0,
	MITOK_E_BUG = 1,        /* ours, or out of memory: please report it */
	MITOK_E_ARG = 2,        /* the caller asked for nonsense */
	MITOK_E_CONF = 3,       /* an administrator must mend the configuration */
	MITOK_E_NOIDENTITY = 4, /* no source, or no such identity, on this machine */
	MITOK_E_DENIED = 5,     /* refused: by Entra, by policy, by a pin */
	MITOK_E_LATER = 6,      /* not reachable, or throttled: try again */
	MITOK_E_REPLY = 7,      /* an answer that cannot be trusted */
};

/* Why a call failed. The caller owns it, nothing in it needs freeing, and each call that
 * takes one accepts NULL. Filled on failure, and by mitok_get() with a warning. Texts are
 * one line of valid UTF-8 without control characters and never contain a token. */
struct mitok_err {
	enum mitok_code code;
	int http_status;   /* of the answer that refused, 0 when there was none */
	int aadsts;        /* number of the AADSTS code Entra gave, 0 when none */
	int retry_after_s; /* seconds the service asked to wait, 0 when it did not */
	char source[24];   /* name of the source that was asked, or "" */
	char correlation_id[40]; /* what Microsoft's support wants to know, or "" */
	char message[768];       /* what failed: why */
	char hint[512];          /* what to do about it, or "" */
};

/* The word for a code, for example "denied"; never NULL. */
const char *mitok_code_name(enum mitok_code code);

/* Settings of a context; zero everything that is not needed. */
struct mitok_options {
	size_t size; /* sizeof(struct mitok_options), by which older callers are known */

	/* Debug messages, one line without newline: sources, statuses, durations; never
	 * a secret. May be called from any thread that uses the context. NULL: none. */
	void (*log)(void *arg, const char *line);
	void *log_arg;

	/* 1: this process belongs to the caller alone, and what is process-wide may be set:
	 * libcurl and OpenSSL get an allocator that wipes what they free. For programs that
	 * use neither for anything else; 0 for libraries and plug-ins. */
	int own_process;

	/* What a setting of the program's own says, as a selector, and the setting's name for
	 * sentences: it counts as MI_TOKEN_IDENTITY does, which goes first. NULL: nothing. */
	const char *identity, *identity_origin;

	/* 1: nothing is written: no cache is made, no token and no failure is kept, no turn is
	 * taken. What others have left there is read. For programs that look without
	 * leaving a trace. */
	int read_only;
};

/* Reads the configuration (mi-token.conf(5)); no network. o may be NULL. On MITOK_OK gives
 * *ret to the caller, who frees it; otherwise leaves it alone and fills *e. */
enum mitok_code mitok_new(
	const struct mitok_options *o, struct mitok **ret, struct mitok_err *e);
void mitok_free(struct mitok *m); /* m may be NULL; tokens got from it stay valid */

enum mitok_flag {
	MITOK_REFRESH = 1 << 0, /* ask the source even if the cache has a good token */
};

/* What is wanted. Exactly one of resource, scope and target; NULL or 0 for the rest means
 * "as configured". All strings are the caller's and are not kept. */
struct mitok_request {
	size_t size; /* sizeof(struct mitok_request), by which older callers are known */

	const char *resource; /* App ID URI or GUID, sent byte for byte */
	const char *scope;    /* X/.default: one such suffix is cut off */
	const char *target;   /* alias ("arm"), URL of a service, GUID or api:// URI */

	const char *identity; /* selector: system, client-id:GUID, object-id:GUID,
			       * resource-id:/subscriptions/..., or a name from /etc */
	const char *source;   /* ask this source and no other, for example "imds"; of
			       * several with commas between, the first that is there */

	const char *host; /* what the token is for, to match the rules of /etc; */
	const char *path; /* a URL target fills both in */

	long min_valid_s; /* at least this many seconds of life left; 0: 60 of a kept one */
	long timeout_ms; /* bound on the whole call; 0: as configured */
	unsigned flags;  /* of enum mitok_flag */

	/* Across tenants: the token of an application in another tenant, for which the
	 * identity above vouches (a federated identity credential): the application's
	 * client id and that tenant, both GUIDs, or NULL. */
	const char *federate_client_id, *federate_tenant_id;
};

/* Gets a token from the cache or from the machine's source. Blocks for at most the
 * timeout. On MITOK_OK gives *ret to the caller, who frees it; otherwise leaves it alone
 * and fills *e. *e may be filled with a warning too: code MITOK_OK and a message. */
enum mitok_code mitok_get(struct mitok *m, const struct mitok_request *rq,
	struct mitok_token **ret, struct mitok_err *e);
void mitok_token_free(struct mitok_token *t); /* t may be NULL */

/* The token itself, NUL-terminated; *ret_len (may be NULL) gets its length. Lent until
 * mitok_token_free(). */
const char *mitok_token_value(const struct mitok_token *t, size_t *ret_len);

enum mitok_text {
	MITOK_TEXT_TYPE,      /* "Bearer" */
	MITOK_TEXT_RESOURCE,  /* as it was asked for */
	MITOK_TEXT_SOURCE,    /* name of the source it came from */
	MITOK_TEXT_CLIENT_ID, /* claims of the token; "" where it has none */
	MITOK_TEXT_OBJECT_ID,
	MITOK_TEXT_TENANT_ID,
	MITOK_TEXT_RESOURCE_ID, /* ARM id of the identity (xms_mirid) */
	MITOK_TEXT_AUDIENCE,
	MITOK_TEXT_TOKEN_ID, /* uti, the id that stands in the sign-in logs */
	MITOK_TEXT_IDENTITY, /* which identity was asked for, as a selector; of a federated
			      * one "federate:APP@TENANT by SELECTOR" */

	/* Of a token that came from its source: whose one came before, since the machine was
	 * started, for the same identity as it was asked for, when that was another: object
	 * id and ARM id. Else "". */
	MITOK_TEXT_FORMER_OBJECT_ID,
	MITOK_TEXT_FORMER_RESOURCE_ID,
};
/* One text about the token, lent until mitok_token_free(); never NULL. */
const char *mitok_token_text(const struct mitok_token *t, enum mitok_text which);

enum mitok_time {
	MITOK_TIME_EXPIRES, /* seconds since the epoch, UTC */
	MITOK_TIME_ISSUED,  /* 0 when the token does not say */
	MITOK_TIME_REFRESH, /* from then on the cache asks for a new one */
};
long long mitok_token_time(const struct mitok_token *t, enum mitok_time which);
int mitok_token_is_cached(const struct mitok_token *t); /* came without a request */
/* A service refused this very token, as mitok_report_refused() was told, and the source
 * has given no other since. */
int mitok_token_is_refused(const struct mitok_token *t);

/* A short name for a token, which may be told to others: 16 hexadecimal digits. */
#define MITOK_FINGERPRINT_SIZE 17
void mitok_fingerprint(const char *token, size_t len, char ret[MITOK_FINGERPRINT_SIZE]);

enum mitok_refusal {
	MITOK_REFUSAL_UNKNOWN, /* the cache does not know that token (any more) */
	MITOK_REFUSAL_FIRST,
	MITOK_REFUSAL_AGAIN, /* the source was asked for another and gave the same */
};
/* Tells the cache what a service thought of a token that mitok_get() gave for the same
 * request; no network. After a refusal the next mitok_get() passes the token over and asks
 * the source for another, but not more often than once in 30 s; an acceptance makes the
 * refusal forgotten. fingerprint: as above, or "" for the token that is kept, when it was
 * perhaps another; NULL just removes the one that is kept. ret may be NULL. */
enum mitok_code mitok_report_refused(struct mitok *m, const struct mitok_request *rq,
	const char *fingerprint, enum mitok_refusal *ret, struct mitok_err *e);
enum mitok_code mitok_report_accepted(struct mitok *m, const struct mitok_request *rq,
	const char *fingerprint, struct mitok_err *e);

/* What a JWT says that the caller has, unverified: for people and diagnosis, never to
 * grant anything. Calls each() for each member of the header (part 0), then of the payload
 * (part 1), in their order; strings as they are, all else as JSON text. The signature is
 * never shown. MITOK_E_ARG when it is no JWT. */
enum mitok_code mitok_jwt_each(const char *jwt, size_t len,
	void (*each)(
		void *arg, int part, const char *name, const char *value, int is_string),
	void *arg, struct mitok_err *e);

/* The walks below call each() once per row; strings are lent for that call. */

/* Each configuration key: effective value and where it comes from (file:line, an
 * environment variable, or "default"). */
enum mitok_code mitok_config_each(struct mitok *m,
	void (*each)(void *arg, const char *key, const char *value, const char *origin),
	void *arg, struct mitok_err *e);

/* Each source in the order they are tried, then those that are asked only when named; missing
 * is NULL when this machine has it, else why not; is_chosen: it is the one that is asked as
 * things are configured. No network. */
enum mitok_code mitok_sources_each(struct mitok *m,
	void (*each)(void *arg, const char *name, const char *about, const char *missing,
		int is_chosen),
	void *arg, struct mitok_err *e);

/* What mitok_get() would decide for the request, without a token and without a cache:
 * "identity" (as a selector), "source" and "resource", each with what decided it: an
 * option, an environment variable, file:line, or "default". Of a federated identity also
 * "federate" and "tenant": the application and where it is; "identity" is its name then,
 * or who vouches for it. */
enum mitok_code mitok_choice_each(struct mitok *m, const struct mitok_request *rq,
	void (*each)(void *arg, const char *name, const char *value, const char *origin),
	void *arg, struct mitok_err *e);

/* 1 when a rule of root's configuration that does not deny names this host, and path and
 * resource where it has them, else 0. path may be NULL: then 1 when it depends on the path.
 */
int mitok_host_is_granted(
	const struct mitok *m, const char *host, const char *path, const char *resource);

/* Small notes that the caller's processes leave each other beside the cached tokens; gone
 * when the machine starts anew. Nothing that is secret: names and values of up to 500
 * bytes of text without control characters. 1, and the value in ret, when there is such a
 * note; else 0. What cannot be written is not kept. */
int mitok_note_read(struct mitok *m, const char *name, char *ret, size_t size);
void mitok_note_write(struct mitok *m, const char *name, const char *value);

/* Each token in the caller's cache, without its value: text and times work, the value is
 * "". *ret_dir (may be NULL) is lent by m; NULL when this machine offers no safe place. */
enum mitok_code mitok_cache_each(struct mitok *m,
	void (*each)(void *arg, const struct mitok_token *t, const char *identity),
	void *arg, const char **ret_dir, struct mitok_err *e);
/* Each place where the caller's cache could be, in the order they are looked at: the first
 * whose why_not is NULL is where tokens are kept, or will be; else why it is not safe. Makes
 * nothing. */
enum mitok_code mitok_cache_places_each(struct mitok *m,
	void (*each)(void *arg, const char *path, const char *why_not), void *arg,
	struct mitok_err *e);
/* Removes the caller's cached tokens and remembered failures; *ret_count (may be NULL)
 * gets the number of tokens. */
enum mitok_code mitok_cache_clear(
	struct mitok *m, unsigned *ret_count, struct mitok_err *e);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
