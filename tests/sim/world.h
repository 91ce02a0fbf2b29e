/* What the simulator is made of: the world it plays, the listeners and the services.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_WORLD_H
#define MI_TOKEN_TESTS_SIM_WORLD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "base/text.h"

struct authority;
struct fault;
struct keys;
struct token;
struct record;
struct world;
struct request;
struct reply;
struct vault_key;

/* Which certificate a listener shows. */
enum tls_kind {
	TLS_NONE,  /* plain HTTP */
	TLS_AZURE, /* all Azure host names, signed by the CA of the state directory */
	TLS_SELF,  /* signed by itself: known by its thumbprint */
	TLS_PROXY, /* one name, signed by a CA of its own; any other SNI ends the
		      handshake */
	TLS_KINDS,
};

/* One address the simulator listens on. */
struct listener {
	const char *name;
	const char *address; /* IPv4 */
	uint16_t port;       /* 0: any */
	enum tls_kind tls;
};

/* One part of Azure: a file and a row in table.c. The first row that fits answers. */
struct service {
	const char *name;     /* in scenarios and counters */
	const char *listener; /* the listener it lives on */
	const char *hosts; /* blank separated, '*' for one label; NULL: any Host header */
	const char *prefix; /* of the path, without case; it may end within a segment */
	void (*handle)(struct world *w, const struct request *rq, struct reply *rp);
};

extern const struct listener listeners[];
extern const unsigned listener_count;
extern const struct service services[];
extern const unsigned service_count;

#define LISTENERS_MAX  16
#define SERVICES_MAX   32
#define USERS_MAX      16
#define CHALLENGES_MAX 16
#define NAMED_MAX      256

/* A managed identity; the texts belong to the scenario. */
struct identity {
	const char *client_id, *object_id, *resource_id;
	const char *tenant;
	struct json_object *roles; /* arrays of app roles by resource, may be NULL */
	bool user_assigned;
};

/* What Arc wrote for a client to prove that it can read. */
struct challenge {
	char key[4200]; /* "" when used */
	char file[512];
};

struct service_count {
	unsigned requests;
	unsigned active, peak;         /* answered at this moment, and the most ever */
	unsigned connections, resumed; /* TLS sessions for its host names */
};

/* What is counted as it comes. */
struct named_count {
	char name[300];
	unsigned n;
};

/* All that changes. Handlers run one at a time, with the lock held. */
struct world {
	pthread_mutex_t lock;

	struct json_object *scenario;
	struct identity system; /* client_id NULL: none */
	struct identity users[USERS_MAX];
	unsigned user_count;

	struct fault **faults;
	unsigned fault_count;

	struct keys *keys;    /* signs tokens */
	struct token *tokens; /* as the platform caches them */
	unsigned tokens_issued;
	unsigned
		tokens_made; /* the same, but never set back: each token has its number */
	unsigned
		tokens_revoked; /* Azure DevOps and vaults refuse tokens up to this number */
	bool refusing;          /* a fault wants the present caller refused */

	struct record *records, **records_end; /* each request as it came */
	unsigned record_count;

	struct service_count counts[SERVICES_MAX];
	unsigned connections[LISTENERS_MAX], open, handshakes, resumed, faults_played;
	struct named_count named[NAMED_MAX];
	unsigned named_count;

	struct authority *authority;  /* signs vaults' certificates; never changes */
	struct vault_key *vault_keys; /* all there ever were */

	struct challenge challenges[CHALLENGES_MAX]; /* Arc's; the oldest gives way */
	unsigned next_challenge;

	const char *state; /* directory for what clients must know */
	uint16_t ports[LISTENERS_MAX];
	char thumbprint[41]; /* of the self-signed certificate */
};

/* The name that the token proxy's certificate has. */
#define PROXY_NAME "aks-token-proxy.test"

/* Counters, requests, tokens and faults start anew; the scenario stays. */
void world_reset(struct world *w);

/* Counts one more of "NAME" or "NAME-WHAT". */
void count_named(struct world *w, const char *name, const char *what);
/* That counter. */
unsigned count_of_named(const struct world *w, const char *name);

/* The line numbers of tables: -1 when there is no such name. */
int listener_find(const char *name);
int service_find(const char *name);
/* The service that answers this request, or NULL. */
const struct service *service_for(const struct request *rq);
/* The first service of that listener that has this host name, or NULL. */
const struct service *service_of_host(const struct listener *l, const char *host);

#endif
