/* One visit to a service: what its URL names, how it is asked, what came of it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_TARGET_VISIT_H
#define MI_TOKEN_HELPER_TARGET_VISIT_H

#include "../explain/explain.h"
#include "target.h"

/* What a URL names. Parts are the path's segments as they are written, percent signs and
 * all; they lie in `store`. */
#define PLACE_PARTS 12
struct place {
	char host[256];
	char name[64];    /* the host's first label: the account, vault, namespace */
	char path[1024];  /* with its leading slash, without the query */
	char query[1024]; /* behind the '?', or "" */
	char store[1024];
	const char *part[PLACE_PARTS];
	unsigned parts;
	bool is_folder; /* the path ends in a slash */
};
/* Of an https URL that the library has taken; MITOK_E_ARG where it is too long, or has
 * segments that lead elsewhere. */
enum mitok_code place_read(
	const char *url, struct place *ret, struct mitok_err *e) MUST_CHECK;
/* The n-th part, "" when there is none. */
const char *place_part(const struct place *p, unsigned n);
/* Adds the parts from..to, a slash in front of each. */
void place_add(const struct place *p, unsigned from, unsigned to, struct text *ret);
/* Letters, digits and ._$- alone: what stands in a command line as it is. */
bool place_is_plain(const char *name);

/* Built-in roles that belong together: what one allows to read, the next ones do too. */
enum family {
	FAMILY_NONE,
	FAMILY_BLOB,
	FAMILY_QUEUE,
	FAMILY_TABLE,
	FAMILY_FILE,
	FAMILY_SECRETS,
	FAMILY_KEYS,
	FAMILY_CERTIFICATES,
	FAMILY_HSM,
	FAMILY_SERVICEBUS,
	FAMILY_EVENTHUBS,
	FAMILY_COSMOS,
	FAMILY_APPCONFIG,
	FAMILY_REGISTRY,
	FAMILY_ARM,
	FAMILY_LOGS,
	FAMILY_INSIGHTS,
	FAMILY_SEARCH,
	FAMILY_OPENAI,
	FAMILY_AI,
	FAMILY_METRICS,
	FAMILY_CONTROL, /* roles for accounts, not for what is in them */
};
/* "" where there is none. */
const char *role_reader(enum family f);
const char *role_writer(enum family f); /* the least that writes or sends */
/* The name of a role of this family; NULL when the GUID is none of its roles. */
const char *role_of(enum family f, const char *guid);
/* The same of any family. */
const char *role_name(const char *guid);

/* How access is given. */
enum grant_kind {
	GRANT_ROLE,     /* az role assignment create */
	GRANT_HSM,      /* the HSM's own roles */
	GRANT_COSMOS,   /* the account's own roles */
	GRANT_APP_ROLE, /* an application permission: Graph, and APIs of one's own */
	GRANT_MEMBER,   /* a user of the organisation or workspace */
};

struct visit;

/* A service: one row. */
struct service {
	/* Part of the host's name and a dot; with a dot in front, behind its first label.
	 * The first row that fits is the one. */
	const char *host;
	const char *name; /* for people */

	/* What is read: the method, and into *ret path and query, below https://HOST. NULL:
	 * there is none for this URL. */
	const char *(*read)(const struct visit *v, struct text *ret);
	const char *scheme; /* as in struct client_request */
	struct http_header headers[3];
	/* In place of read: more than one request, the last answer stays in v->reply.
	 * Codes but MITOK_OK and MITOK_E_LATER are ours. */
	enum mitok_code (*ask)(struct visit *v, struct mitok_err *e);
	/* Looks at an answer below 300 and changes v->ret when it tells of more. */
	enum mitok_code (*look)(struct visit *v, struct mitok_err *e);

	enum grant_kind grant;
	enum family family;
	const char *type; /* "Microsoft.KeyVault/vaults", or NULL */
	/* Adds what of the resource the URL names: "/blobServices/..."; NULL: nothing. */
	void (*below)(const struct visit *v, struct text *ret);
	const char
		*zone; /* in place of ".vault" in names of private DNS; NULL: as it is */
	/* What 401 and 403 without a word of why mean there; 0: refused, no more. */
	enum target_outcome bare_401, bare_403;
	const char *note; /* what there is no read for, or why; NULL */
};
extern const struct service services[];     /* ended by one without host */
extern const struct service service_own;    /* an API of one's own */
extern const struct service service_nobody; /* no URL: an alias, a GUID */
const struct service *service_find(const char *host);

/* What role assignments tell of, where the identity may read them. */
enum assigned {
	ASSIGNED_UNKNOWN,   /* nothing was seen */
	ASSIGNED_THERE,     /* on the target: not in force yet */
	ASSIGNED_CONDITION, /* on the target, with a condition */
	ASSIGNED_ELSEWHERE, /* somewhere else */
	ASSIGNED_CLIENT,    /* to the client id, which is no principal */
	ASSIGNED_CONTROL,   /* only a role for the account itself */
	ASSIGNED_OTHER,     /* on the target, and about something else */
	ASSIGNED_STRANGE,   /* on the target, a role that is not known here */
	ASSIGNED_NONE,      /* assignments can be read, and it has none */
};

/* All of it; strings are lent or arrays of its own. */
struct visit {
	const struct client *c;
	const char *url;
	struct place at;
	const struct service *service;
	enum family family; /* of the service, unless the URL tells better */
	char identity[600]; /* that was chosen, as a selector */
	char resource[1024];
	char own[1024]; /* what tokens for the host are for, "" where nobody knows */
	struct mitok_token *token;
	struct http_reply reply;
	char read[64]; /* what was tried, for people: "get the secret"; or "" */
	bool is_page; /* a page for people answered, and none of the service's own words */
	bool is_vouched;     /* that was allowed, and what followed is only more to see */
	char arm_id[1024];   /* of the resource, once somebody told it */
	char action[160];    /* that was refused, or "" */
	char tenant[40];     /* that the target belongs to, or "" */
	char spelling[1024]; /* of the resource, that is taken instead, or "" */
	enum assigned assigned;
	char assigned_role[96], assigned_scope[1024];
	char others
		[160]; /* who has the role there; of Resource Manager: what is allowed */
	struct finding found; /* of the refusal; means NULL: there is none */
	struct target_answer *ret;
};
const char *visit_text(const struct visit *v, enum mitok_text which);
/* The token is for what was named, and the host's are for something else: not another
 * spelling of it, and none that the service takes besides. */
bool visit_is_foreign(const struct visit *v);
/* Milliseconds that are left for all of it, 1 at least. */
int64_t visit_left_ms(const struct visit *v);
/* Sends one read to https://HOST and path_query and leaves the answer in v->reply. */
enum mitok_code visit_send(
	struct visit *v, const char *method, const char *path_query, struct mitok_err *e);
/* The same request of a form other than the row's. */
enum mitok_code visit_exchange(
	struct visit *v, const struct client_request *rq, struct mitok_err *e);

/* Rows' functions of other files. */
enum mitok_code vault_ask(struct visit *v, struct mitok_err *e);
enum mitok_code vault_look(struct visit *v, struct mitok_err *e);
enum mitok_code arm_ask(struct visit *v, struct mitok_err *e);
enum mitok_code arm_look(struct visit *v, struct mitok_err *e);
enum mitok_code registry_ask(struct visit *v, struct mitok_err *e);
enum mitok_code cosmos_ask(struct visit *v, struct mitok_err *e);

/* What the answer in v->reply means: outcome, code, err; also of a fault. */
enum mitok_code judge_reply(struct visit *v, struct mitok_err *e) MUST_CHECK;
void judge_fault(struct visit *v);
/* An answer of HTML. */
bool judge_is_page(const struct http_reply *rp);
/* Takes this one of explain's causes for what was found. */
void judge_cause(struct visit *v, const char *code);
/* Between quotes or blanks behind `before` in text, if it is made of what names are made of;
 * false: it is not there. */
bool judge_quote(const char *text, const char *before, char *ret, size_t size);

/* Fills err, role, scope and cure of v->ret in. */
enum mitok_code cure_write(struct visit *v, struct mitok_err *e) MUST_CHECK;
void scope_write(const struct visit *v, struct text *ret);

/* Asks Resource Manager where the resource lies and what is assigned, quietly. */
void assignment_look(struct visit *v);
/* How a scope of an assignment relates to the target's. */
enum assigned assignment_relation(const struct visit *v, const char *scope);

/* The variable that names the proxy which a request to this host goes by, or NULL. */
const char *proxy_variable(const char *host);

/* Where a name leads to from here. */
enum address {
	ADDRESS_NONE,
	ADDRESS_LOCAL,   /* this machine */
	ADDRESS_PRIVATE, /* RFC 1918, RFC 6598, fc00::/7, link-local */
	ADDRESS_PUBLIC,
};
#define ADDRESS_SIZE 46
enum address address_find(const char *host, char ret[ADDRESS_SIZE]);

#endif
