/* A scripted network for the tests of helper/target: answers in their order, what Resource
 * Manager lists, where names lead.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_TARGET_WORLD_H
#define MI_TOKEN_TESTS_UNIT_TARGET_WORLD_H

#include "../../helper/target/visit.h"

#include "script.h"

#define TENANT  "91910000-0000-4000-8000-000000000001"
#define FOREIGN "72720000-0000-4000-8000-000000000002"
#define CLIENT  "6f0c0000-0000-4000-8000-000000000003"
#define OBJECT  "0b1e0000-0000-4000-8000-000000000004"
#define SUB     "11110000-0000-4000-8000-000000000005"

/* A list of Resource Manager's: part of the URL, and its "value". */
struct target_list {
	const char *part, *value;
};

/* One question, and what must come of it. */
struct target_row {
	const char *what, *url;
	const char *resource;            /* NULL: the host tells */
	struct script_answer answers[6]; /* up to the first that is all zero */
	struct target_list lists[4];     /* all others are refused */
	enum address address;
	const char *roles; /* claim of the token, JSON; NULL: none */
	const char *wire;  /* what is asked: "GET URL\n" each; NULL: any */
	enum target_outcome outcome;
	enum mitok_code code;
	const char *word, *role, *scope; /* NULL: "" */
	const char *says[3], *cure[4];   /* fragments of the message and the cure */
};
void target_run(const struct target_row *rows, size_t count);
/* With this instead of a token. */
void target_run_refused(const struct target_row *row, enum mitok_code code);
/* What comes of asking where nothing may be sent. */
enum mitok_code target_refuses(const char *url, const char *resource);
/* Each allocation fails once. */
void target_run_poor(const struct target_row *row);

#define ASSIGN(role, scope)                                      \
	"az role assignment create --assignee-object-id " OBJECT \
	" --assignee-principal-type ServicePrincipal --role " role " --scope " scope

/* What Resource Manager lists, and how it and others write errors. */
#define SUBSCRIPTIONS                                                   \
	{                                                               \
		"/subscriptions?", "[{\"subscriptionId\":\"" SUB "\"}]" \
	}
#define ASSIGNED_AS(part, role, where, more)                                             \
	{                                                                                \
		part,                                                                    \
			"[{\"properties\":{\"roleDefinitionId\":\"/subscriptions/" SUB   \
			"/providers/Microsoft.Authorization/roleDefinitions/" role       \
			"\",\"principalId\":\"" OBJECT "\",\"scope\":\"" where "\"" more \
			"}}]"                                                            \
	}
#define ARM_ERROR(code, message) \
	"{\"error\":{\"code\":\"" code "\",\"message\":\"" message "\"}}"

#endif
