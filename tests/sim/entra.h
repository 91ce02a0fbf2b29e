/* Entra's token endpoint: one request, and whether its proof is good.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_ENTRA_H
#define MI_TOKEN_TESTS_SIM_ENTRA_H

#include "oauth.h"

/* One request for a token, taken apart. */
struct entra_ask {
	struct world *w;
	const char *tenant, *host; /* host NULL: through the AKS proxy */
	const char *client_id, *assertion, *secret;
	char *resource;
	struct reply *rp;
};

/* An error in Entra's words; always false. */
bool entra_refuse(const struct entra_ask *a, int code, const char *fmt, ...)
	ERR_PRINTF(3, 4);

/* The claims of an assertion that is in its time and that our key signed, or an answer and
 * NULL. */
struct json_object *entra_check_assertion(const struct entra_ask *a);

/* The credential in a list of issuer, subject and audience that fits the claims, or an
 * answer and NULL. client_id NULL: they are all the application's, else those of it. */
struct json_object *entra_find_credential(const struct entra_ask *a,
	struct json_object *list, const char *client_id, struct json_object *claims);

/* The scenario's application with this client id, or NULL. */
struct json_object *app_find(const struct world *w, const char *client_id);
/* One of the scenario's applications says that it is in this tenant. */
bool app_knows_tenant(const struct world *w, const char *tenant);
/* The application is in the request's tenant and its proof is good; else an answer and
 * false. */
bool app_prove(const struct entra_ask *a, struct json_object *app);

#endif
