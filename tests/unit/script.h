/* A scripted outside world: rows say what the environment, the files and the network
 * hold; it records what was asked. Its clock moves only by what happens.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_SCRIPT_H
#define MI_TOKEN_TESTS_UNIT_SCRIPT_H

#include "source/source.h"

#include "test.h"

/* Rows leave out what they do not need. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct script_env {
	const char *name, *value;
};

/* The n-th reading of a path takes its n-th row, the last one again and again. */
struct script_file {
	const char *path;
	const char *text; /* NULL: it exists, but `error` is what reading it gives */
	size_t len;       /* 0: strlen(text) */
	int error;
	unsigned breaks; /* rules of base/file.h it does not keep */
};

/* The n-th request takes the n-th row, the last one again and again. */
struct script_answer {
	int status;
	const char *body;    /* may be NULL */
	const char *headers; /* lines ended by '\n'; may be NULL */
	enum http_fault fault;
	int sys_errno;
	int64_t takes_ms; /* longer than the request's timeout: HTTP_TIMEOUT */
	const char
		*err; /* of a program that is run: status is 1 more than its own, body its
			   * output, HTTP_NONSENSE more than it may print, sys_errno why it
			   * cannot be started */
};

#define SCRIPT_REQUESTS 12
#define SCRIPT_START_S  INT64_C(1727193299) /* 2024-09-24T15:54:59Z */
#define SCRIPT_START_MS INT64_C(5000000)

struct script {
	const struct script_env *env;    /* up to the first without name; may be NULL */
	const struct script_file *files; /* up to the first without path; may be NULL */
	const struct script_answer *answers; /* up to the first that is all zero */
	struct moment now;

	/* What happened. A request is recorded as
	 * "GET url\nName: value\n\nbody" with lines "!local", "!thumbprint X",
	 * "!connect host:port" and "!ca text" behind the headers. */
	unsigned requests, reads;
	int64_t slept_ms;
	int64_t timeout_ms[SCRIPT_REQUESTS], connect_ms[SCRIPT_REQUESTS];
	char wire[16384]; /* all requests, one after the other */
	char last_read[256];
	unsigned last_rules;
};

void script_start(struct script *s, const struct script_env *env,
	const struct script_file *files, const struct script_answer *answers);
struct host script_host(struct script *s);
/* Builds an answer, as http_exchange() would. */
bool script_reply(const struct script_answer *a, struct http_reply *ret) MUST_CHECK;

/* The token and the body that most rows are answered with. */
#define SCRIPT_TOKEN SPY_MARK ".token"
#define SCRIPT_GRANT                                                              \
	"{\"access_token\":\"" SCRIPT_TOKEN "\",\"client_id\":"                   \
	"\"11111111-2222-3333-4444-555555555555\",\"expires_in\":\"86399\","      \
	"\"expires_on\":\"1727279999\",\"resource\":\"https://vault.azure.net\"," \
	"\"token_type\":\"Bearer\"}"
/* What is signed for a file with "key" in it; the signing itself stands in the wire. */
#define SCRIPT_ASSERTION "eyJz." SPY_MARK ".sig"
#define SCRIPT_CLIENT    "11111111-2222-3333-4444-555555555555"
#define SCRIPT_OTHER     "99999999-8888-7777-6666-555555555555"
#define SCRIPT_ARM                                     \
	"/subscriptions/S/resourceGroups/R/providers/" \
	"Microsoft.ManagedIdentity/userAssignedIdentities/N"
#define SCRIPT_ARM_CODED                                           \
	"%2Fsubscriptions%2FS%2FresourceGroups%2FR%2Fproviders%2F" \
	"Microsoft.ManagedIdentity%2FuserAssignedIdentities%2FN"

/* One call of a source and what must come of it. */
struct script_row {
	const char *what;
	struct script_env env[12];
	struct script_file files[5];
	struct script_answer answers[10];
	struct ask ask; /* resource NULL: https://vault.azure.net; deadline_ms counts from
			 * the start, 0: a minute */
	const char *wire;  /* all requests; NULL: not compared */
	unsigned requests; /* how many; with wire NULL */
	enum mitok_code code;
	const char *message, *hint; /* fragments; NULL: not looked at */
};

/* Runs each row three times: as it is, without an error struct, and once for each
 * allocation, which fails. Nothing may leak, no text may hold the token's mark, and a
 * failure leaves the grant alone. */
void script_run(const struct source *source, const struct script_row *rows, size_t count);

/* Rows of which variables make a source present; want is a fragment, NULL when present.
 */
struct script_presence {
	const char *what;
	struct script_env env[12];
	struct script_file files[3];
	const char *want;
};
void script_present(
	const struct source *source, const struct script_presence *rows, size_t count);

#endif
