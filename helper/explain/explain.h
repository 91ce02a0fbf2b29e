/* mi-token explain: what a failure that somebody pasted means, offline.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_EXPLAIN_H
#define MI_TOKEN_HELPER_EXPLAIN_H

#include "base/secret.h"
#include "base/text.h"

/* Where a failure comes from. All three look like "401" from afar. */
enum layer {
	LAYER_MACHINE, /* identity not attached, endpoint not reachable */
	LAYER_ENTRA,   /* tenant, application, audience, federation */
	LAYER_TARGET,  /* role, scope, access model, network */
};

/* What a row of LAYER_TARGET is about, for programs. */
enum cause_kind {
	CAUSE_OTHER,    /* none of these, and all rows of other layers */
	CAUSE_AUDIENCE, /* the token is for something else */
	CAUSE_TENANT,   /* the token is of another tenant */
	CAUSE_TOKEN,    /* none, expired, or refused without a reason */
	CAUSE_ROLE,     /* no role that allows it */
	CAUSE_POLICY,   /* no access policy of the vault's */
	CAUSE_NETWORK,  /* firewall, private endpoint, perimeter */
	CAUSE_DISABLED, /* switched off, or out of its time */
	CAUSE_MISSING,  /* not there */
	CAUSE_MEMBER,   /* no user of the organisation */
	CAUSE_BUSY,
};

/* The line that assigns a role; what is not known stands in capitals. */
#define EXPLAIN_ASSIGN(role)                                        \
	"az role assignment create --assignee-object-id OBJECT-ID " \
	"--assignee-principal-type ServicePrincipal --role " role " --scope TARGET-ID"

/* How a row's text is looked for. The case counts but in phrases. */
enum where {
	WHERE_WORD,      /* anywhere, with no letter, digit, '_' or '-' at its ends */
	WHERE_CODE,      /* as WHERE_WORD, but only as the value of a member, element or
			  * header called code or error, or in parentheses: words that
			  * sentences use as well */
	WHERE_PHRASE,    /* anywhere, without regard to case */
	WHERE_SUBSTATUS, /* as the number of Cosmos DB's x-ms-substatus */
	WHERE_STATUS,    /* as the status of an HTTP answer */
	WHERE_CLOSED,    /* as WHERE_STATUS of an answer without a body that closes the
			  * connection, as the Guest Proxy Agent sends it */
};

/* How much a row tells. Only the most exact rank that was found is told: that an access
 * was refused is no news beside the reason. */
enum rank {
	RANK_EXACT,   /* one cause */
	RANK_GENERAL, /* a code that services give for several causes */
	RANK_STATUS,  /* a status alone */
	RANK_COUNT,
};

/* A cause that can be told. Texts are for people: one sentence, one or two lines. */
struct cause {
	enum where where;
	enum rank rank;
	enum layer layer;
	enum cause_kind kind;
	const char *code;  /* as the services write it, and as it is told */
	const char *text;  /* what is looked for; NULL: code */
	const char *with;  /* what must stand somewhere as well; NULL: nothing */
	const char *means; /* the cause */
	const char *cure;  /* lines separated by '\n' */
};

/* Ended by one without code; what is exact stands before what is general. */
extern const struct cause cause_rows[];

/* Entra's error numbers. */
struct entra_cause {
	long number;
	const char *means, *cure;
};
extern const struct entra_cause entra_rows[];  /* ended by number 0 */
extern const struct entra_cause entra_unknown; /* for numbers that have no row */

/* A cause that was found. Nothing in it is a copy of the input but the digits of a code. */
struct finding {
	enum rank rank;
	enum layer layer;
	enum cause_kind kind;
	char code[64];
	const char *means, *cure; /* of the tables */
	size_t at;                /* where in the text: the order of what is told */
};
#define FINDINGS_MAX 24
struct findings {
	struct finding rows[FINDINGS_MAX];
	unsigned count;
};

/* Finds the causes in the len bytes at input, which may be anything: an HTTP answer, JSON,
 * XML, a log. They come in the order of the text, each once. Unknown is a count of 0. */
enum mitok_code explain_scan(const char *input, size_t len, struct findings *ret,
	struct mitok_err *e) MUST_CHECK;

/* A block each, or an array of objects with layer, code, cause and cure. */
void explain_print(const struct findings *f, bool as_json, struct text *out);

/* Copies the input: white space of any kind and length, escapes of JSON for it as well,
 * becomes one blank, and \" and \u0027 the quotes they mean: logs wrap and escape what
 * services say. */
bool explain_flatten(const char *input, size_t len, struct secret *ret) MUST_CHECK;

/* Adds, unless this cause is known already (then the more exact, or earlier, code stays) or
 * FINDINGS_MAX are there. */
void explain_add(struct findings *f, const struct finding *found);
void explain_add_row(struct findings *f, const struct cause *row, size_t at);

/* Adds the rows of WHERE_CLOSED for the answers that stand whole, with their headers, in the
 * len bytes at input; lines are lines there. */
void explain_answers(const char *input, size_t len, struct findings *ret);

/* Where the flat text tells of this status first, in the words of the protocol or of
 * libraries; NULL: nowhere. */
const char *explain_find_status(const char *text, const char *status) MUST_CHECK;

#endif
