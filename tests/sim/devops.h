/* What Azure Repos and Azure Artifacts have in common: organisations, and who may come in.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_DEVOPS_H
#define MI_TOKEN_TESTS_SIM_DEVOPS_H

#include "oauth.h"

/* The address of a request, decoded. */
struct place {
	char host[256];   /* without the port */
	char path[2048];  /* decoded */
	char org[64];     /* lower case */
	const char *rest; /* of path: what follows the organisation, "/..." */
	bool open;        /* who brings no token may come in as nobody */
};

/* false: not an address of an organisation. */
bool place_read(const struct request *rq, struct place *ret);

/* Who asks. */
struct caller {
	char oid[64]; /* "": nobody in particular */
};

/* false: refused, and the reply says so. */
bool devops_admit(struct world *w, const struct request *rq, const struct place *place,
	struct reply *rp, struct caller *ret);

/* A refusal with one of the service's sentences ("TF...: ..."), as text. */
void devops_fail(struct reply *rp, int status, const char *sentence);

/* One of Git's repositories, and what is asked of it. */
struct repo {
	char dir[1024];   /* the bare repository */
	const char *root; /* of all repositories, above the organisations */
	const char *info; /* dir without root, and the tail: for git-http-backend */
	const char *tail; /* "/info/refs", ... */
	char user[64];    /* "": anonymous */
};

/* Runs git-http-backend(1) for this request. */
void backend_run(struct world *w, const struct request *rq, const struct repo *repo,
	struct reply *rp);
/* Answers requests below /info/lfs. */
void lfs_handle(const struct request *rq, const struct repo *repo, struct reply *rp);

/* Answers what is below /_apis; root is the folder of repositories. false: it is something
 * else. */
bool devops_api(const char *root, const struct place *p, const struct caller *who,
	struct reply *rp);

#endif
