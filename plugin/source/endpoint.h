/* URLs of endpoints: what the environment may name, and the query that is sent there.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_ENDPOINT_H
#define MI_TOKEN_SOURCE_ENDPOINT_H

#include "io/host.h"

/* A URL (RFC 3986) in pieces, checked. */
struct endpoint {
	bool https;
	char host[256];   /* lower case; no brackets around an IPv6 address */
	int port;         /* 80 or 443 when the URL has none */
	char path[1024];  /* begins with '/' */
	char query[1024]; /* without '?', "" when none */
	unsigned flags;   /* HTTP_LOCAL when the host is loopback or link-local */
};

/* Splits a URL, strictly: http or https, no user, no fragment, no control character,
 * blank or backslash, host a name or a canonical address. name is what to call it in the
 * error (an environment variable). MITOK_E_CONF. */
enum mitok_code endpoint_parse(const char *name, const char *url, struct endpoint *ret,
	struct mitok_err *e) MUST_CHECK;

/* As above, and it must be a place a secret may be sent to: http only to a loopback or
 * link-local address; https there or to a host in allow_hosts (NULL-terminated, exact,
 * without case; may be NULL). */
enum mitok_code endpoint_trust(const char *name, const char *url,
	const char *const *allow_hosts, struct endpoint *ret,
	struct mitok_err *e) MUST_CHECK;

/* The host is 127/8, ::1 or localhost: nothing leaves the machine. */
bool endpoint_is_loopback(const struct endpoint *p);

struct endpoint_param {
	const char *name, *value; /* value NULL: left out */
};

/* "https://host:port", the port only when it is not the scheme's own. */
void endpoint_origin(const struct endpoint *p, struct text *ret);

/* The URL of p with params (ended by a NULL name) set in its query: those it has already
 * under one of these names, even one whose value is NULL, are dropped; all values are
 * percent-encoded. */
void endpoint_url(
	const struct endpoint *p, const struct endpoint_param *params, struct text *ret);

/* params as application/x-www-form-urlencoded; values may be secrets. */
bool endpoint_form(const struct endpoint_param *params, struct secret *ret) MUST_CHECK;

#endif
