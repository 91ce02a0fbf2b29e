/* What the token endpoints of the machine have in common.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_OAUTH_H
#define MI_TOKEN_TESTS_SIM_OAUTH_H

#include "http.h"
#include "scenario.h"
#include "token.h"

/* {"error":...,"error_description":...} */
void oauth_error(
	struct reply *rp, int status, const char *error, const char *description);
/* Entra's answer to an unknown resource, as the endpoints pass it on. */
void oauth_unknown_resource(struct world *w, struct reply *rp, const char *resource);

/* Adds ,"expires_on":VALUE in the format that the scenario's part names: "epoch",
 * "number", "windows", "linux", "iso" or "none". */
void oauth_add_expires_on(const struct world *w, const char *part, const char *otherwise,
	int64_t expires_on, struct text *body);

/* The handlers of table.c's rows. */
void imds_handle(struct world *w, const struct request *rq, struct reply *rp);
void appservice_handle(struct world *w, const struct request *rq, struct reply *rp);
void ml_handle(struct world *w, const struct request *rq, struct reply *rp);
void cloudshell_handle(struct world *w, const struct request *rq, struct reply *rp);
void fabric_handle(struct world *w, const struct request *rq, struct reply *rp);
void arc_handle(struct world *w, const struct request *rq, struct reply *rp);
void entra_handle(struct world *w, const struct request *rq, struct reply *rp);
void proxy_handle(struct world *w, const struct request *rq, struct reply *rp);
void storage_handle(struct world *w, const struct request *rq, struct reply *rp);
void repos_handle(struct world *w, const struct request *rq, struct reply *rp);
void artifacts_handle(struct world *w, const struct request *rq, struct reply *rp);
void arm_handle(struct world *w, const struct request *rq, struct reply *rp);
void graph_handle(struct world *w, const struct request *rq, struct reply *rp);
void vault_handle(struct world *w, const struct request *rq, struct reply *rp);
void servicebus_handle(struct world *w, const struct request *rq, struct reply *rp);
void cosmos_handle(struct world *w, const struct request *rq, struct reply *rp);
void appconfig_handle(struct world *w, const struct request *rq, struct reply *rp);
void api_handle(struct world *w, const struct request *rq, struct reply *rp);
void acr_handle(struct world *w, const struct request *rq, struct reply *rp);
void control_handle(struct world *w, const struct request *rq, struct reply *rp);

#endif
