/* Whether the identity gets in at a service: one harmless read with its token, and what the
 * answer means. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_TARGET_TARGET_H
#define MI_TOKEN_HELPER_TARGET_TARGET_H

#include "../client/client.h"

/* What became of it. Only append: words of it stand in JSON. */
enum target_outcome {
	TARGET_GRANTED,   /* the read was allowed */
	TARGET_NOT_FOUND, /* it was allowed, but the thing is not there */
	TARGET_TOKEN_ONLY, /* no read is known for it: there is a token, no more is known */
	TARGET_NO_TOKEN,   /* none could be had: err is that of mitok_get() */
	TARGET_UNREACHABLE,   /* nobody answered: DNS, connection, TLS, time */
	TARGET_AUDIENCE,      /* the token is for something else */
	TARGET_TENANT,        /* the token is of another tenant */
	TARGET_TOKEN_REFUSED, /* expired, not yet valid, or not said why */
	TARGET_NO_ROLE,       /* no role, or not yet, or not at this scope */
	TARGET_ACCESS_POLICY, /* a vault that goes by access policies */
	TARGET_NETWORK,       /* firewall, private endpoint, perimeter */
	TARGET_DISABLED, /* the key, secret, account is switched off or out of its time */
	TARGET_NOT_MEMBER, /* Azure DevOps: no user of the organisation */
	TARGET_BUSY,       /* 429, 5xx */
	TARGET_UNKNOWN,    /* refused in words that are not known here */
};
/* "granted", "no-role" and so on; never NULL. */
const char *target_outcome_name(enum target_outcome o);

struct target_answer {
	enum target_outcome outcome;
	const char *service; /* for people: "Key Vault"; never NULL */
	char resource[1024]; /* what the token was for */
	int status;          /* of the answer, 0 when there was none */
	char code[64];       /* the service's own: "ForbiddenByRbac", or "" */
	char role[96];       /* the least built-in role that would do, or "" */
	char scope[1024]; /* ARM id it is to be assigned at, with words in capitals where
			      * it is not known ("SUBSCRIPTION-ID"), or "" */

	/* Code MITOK_OK with a message for GRANTED, NOT_FOUND and TOKEN_ONLY, else what
	 * failed: its class, one line, and the cure, lines separated by '\n' in `cure`. */
	struct mitok_err err;
	char cure[2048];
};

/* Asks the service behind the URL, as the machine's identity. The service is known by its
 * host; what is read is what the URL names, or, where it names nothing, the smallest list of
 * the service. GET and HEAD alone are sent, but where a service reads by POST. The outcome is
 * in *ret; MITOK_E_ARG when url is none that can be asked, MITOK_E_BUG when memory is out.
 * c->timeout_ms is for all of it. */
enum mitok_code target_ask(const struct client *c, const char *url,
	struct target_answer *ret, struct mitok_err *e) MUST_CHECK;
/* The same with a token for `resource` (NULL: what the URL's host tells), which an API of
 * one's own needs. It goes to the URL's host when that is Azure's, when the resource is an
 * application's (api://, but not what applications of Entra are asked for with) or lies at
 * that host, or when a rule of root's says so; else MITOK_E_ARG. A GUID may be Azure's own. */
enum mitok_code target_ask_for(const struct client *c, const char *url,
	const char *resource, struct target_answer *ret, struct mitok_err *e) MUST_CHECK;

#endif
