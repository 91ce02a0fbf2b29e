/* mi-token doctor: a ladder of checks, from the configuration up to the service that a token
 * is for. Nothing is changed, and no token is told.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_DOCTOR_DOCTOR_H
#define MI_TOKEN_HELPER_DOCTOR_DOCTOR_H

#include "../report/report.h"
#include "io/http.h"
#include "io/json.h"

/* What the command line said; NULL and false where it did not. */
struct options {
	const char *identity, *source, *resource, *timeout, *error_format;
	const char *url; /* what the token is for, or NULL */
	bool json, markdown, verbose, help, version;
	long timeout_ms; /* 0: as configured */
};

/* What is known so far; what a rung needs of those below it. */
enum known {
	KNOWS_CONFIGURATION = 1 << 0, /* it is in order: m */
	KNOWS_SOURCE = 1 << 1,        /* where tokens come from here: source */
	KNOWS_CONNECTION = 1 << 2,    /* somebody answers there */
	KNOWS_SERVICE = 1 << 3,       /* and it is Azure's */
	KNOWS_IDENTITY = 1 << 4,      /* one is attached, */
	KNOWS_PINS = 1 << 5,          /* and it is the one that was meant */
	KNOWS_TOKEN = 1 << 6,         /* there is a token of it: token */
};

/* Where the way to a token ended. */
enum stage {
	STAGE_CONFIGURATION, /* what was asked for is refused before anybody is asked */
	STAGE_CONNECTION,
	STAGE_SERVICE,
	STAGE_KEY, /* the Arc agent's, which the caller may not read */
	STAGE_IDENTITY,
	STAGE_PINS,
	STAGE_TOKEN, /* Entra, or the platform, gives none for this resource */
	STAGE_DONE,
};

struct facts {
	const struct options *o;
	struct report rep;
	struct mitok *m; /* reads only */
	unsigned known;  /* of enum known */
	int64_t deadline_ms;

	char identity[640], identity_origin[512]; /* a selector, and who says so */
	char source[24], source_origin[512];
	char host[256], path[1024]; /* of the URL, "" without one */
	bool knows_host;            /* its resource is known, and is what is asked for */

	/* Of the way to a token. */
	enum stage stage;
	struct mitok_token *token; /* or NULL, and: */
	struct mitok_err err;
	struct mitok_err warning; /* with a token: a message, or "" */

	/* What the metadata service said of the machine, when it was asked. */
	bool was_probed;
	struct http_reply probe;
	struct json *machine; /* NULL: it did not tell */
	int64_t probe_s;      /* when the answer came, by the machine's clock */
	bool clock_is_off;    /* by more than tokens can bear */
};

/* A step of the ladder. */
struct rung {
	const char *name;
	unsigned needs;                         /* of enum known */
	bool (*is_here)(const struct facts *f); /* NULL: on every machine */
	/* Reports at least one fact, and adds to f->known. */
	void (*climb)(struct facts *f);
};

/* Everything, from the bottom up; ended by name NULL. */
extern const struct rung rungs[];

/* Climbs all rungs and prints what was found. */
enum mitok_code doctor(const struct options *o, struct mitok_err *e) MUST_CHECK;

/* One file each. */
void climb_configuration(struct facts *f);
void climb_sources(struct facts *f);
void climb_proxies(struct facts *f);
void climb_connect(struct facts *f);
void climb_service(struct facts *f);
void climb_machine(struct facts *f);
void climb_clock(struct facts *f);
void climb_key(struct facts *f);
void climb_identity(struct facts *f);
void climb_pins(struct facts *f);
void climb_token(struct facts *f);
void climb_cache(struct facts *f);
void climb_sdks(struct facts *f);
void climb_tools(struct facts *f);
void climb_target(struct facts *f);

/* Milliseconds that are left, 0 when none are. */
int64_t facts_left_ms(const struct facts *f);
bool facts_is_source(const struct facts *f, const char *name);
/* Nobody has named an identity. */
bool facts_is_default(const struct facts *f);
/* The request for a token as the command line has it. */
struct mitok_request facts_request(const struct facts *f);
/* A variable of the environment; NULL when it is unset or empty. */
const char *facts_env(const char *name);

/* What mitok_get() said is told at the rung that it belongs to. is_azure: the service has
 * proved to be Azure's in another way. */
enum stage stage_of(const struct mitok_err *e, bool is_azure);

/* Asks the metadata service for the machine, and the source for a token; f->stage tells how
 * far that went. */
void ask_source(struct facts *f);

#endif
