/* Key Vault and Managed HSM: what their files share. tests/README.md tells what a scenario
 * says about vaults. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_VAULT_H
#define MI_TOKEN_TESTS_SIM_VAULT_H

#include <openssl/x509.h>
#include <pthread.h>
#include <stdatomic.h>

#include "azure.h"

#define VERSION_SIZE 33

/* Who asks for what. Belongs to the handler, with the lock held. */
struct vault_call {
	struct world *w;
	const struct request *rq;
	struct reply *rp;
	struct json_object *claims;
	char host[256], name[256]; /* of the vault */
	bool hsm;
	struct json_object *vault;   /* the scenario's, may be NULL */
	struct json_object *secrets; /* put at the end */
	struct params params;
	/* What the path says, decoded: NULL where it says nothing. */
	const char *object, *version;
	const struct vault_route *route;
};

/* One thing that can be asked for: a row in vault.c. */
struct vault_route {
	const char *method, *kind;
	const char
		*verb; /* after the object: "" itself, "*" all objects, "versions", or an
			     operation */
	const char *counter;    /* after the service's name */
	const char *action;     /* of role assignments, behind the kind */
	const char *permission; /* of access policies */
	void (*handle)(const struct vault_call *c);
};

/* A version of a key, or of a certificate: that is a key and a secret of the same name and
 * version too. */
struct vault_item {
	const char *name;
	struct json_object *spec; /* the scenario's */
	size_t at, count;         /* versions, the oldest first */
	char version[VERSION_SIZE];
	bool certificate;
};

/* A key, kept for the life of the process. Once it is made nothing of it changes, so any
 * number of threads use it at once. */
struct vault_key {
	struct vault_key *next;
	char *id; /* whose it is and what it is made of */
	pthread_mutex_t making;
	atomic_bool made;
	char *pem, *subject,
		*alt; /* the file it is in; its certificate's names; or NULL */
	const struct vault_curve *curve; /* NULL: RSA */
	size_t size;                     /* of the modulus or a coordinate, in bytes */
	EVP_PKEY *pkey;
	X509 *cert; /* NULL: it has none */
};

/* The curves Key Vault has (RFC 7518, RFC 8812). */
struct vault_curve {
	const char *crv, *group; /* its name there, and OpenSSL's */
	size_t size;             /* of a coordinate, in bytes */
};
extern const struct vault_curve vault_curves[]; /* up to crv NULL */

/* Work on a key that needs no lock. It follows the handler (struct reply in http.h), and
 * nothing in it belongs to the scenario, which may be another one by then. */
struct vault_job {
	struct world *w;
	const struct request *rq;
	struct vault_key *key;
	const char *verb;
	char kid[512];
	bool hsm, exportable, pkcs12;
	struct json_object *answer; /* put at the end, or moved into the reply */
	void (*run)(struct vault_job *job, struct reply *rp);
};

/* vault.c */
/* The id of the at-th version; the same in each run. */
void vault_version(
	const struct vault_call *c, const char *name, size_t at, char ret[VERSION_SIZE]);
/* "A KIND with (name/id) ... was not found": kind "key", code "KeyNotFound". */
void vault_fail_unknown(const struct vault_call *c, const char *kind, const char *code);
/* The page of this array that the query asks for; the array is put. */
void vault_give_page(const struct vault_call *c, struct json_object *all);
/* The member of that name, without case. */
bool vault_member(struct json_object *objects, const char *name, struct json_walk *ret);
/* What "attributes" always have. */
struct json_object *vault_attributes(bool enabled);

/* It is a counter: "vault-sign", "hsm-key-get" and so on. */
bool vault_counts(const char *counter);

/* vault-auth.c */
/* The token is for this vault; else the answer is 401, with the challenge. */
bool vault_admits(struct vault_call *c);
/* Whoever asks may have what he asks for; else the answer is 403. */
bool vault_permits(const struct vault_call *c);
/* 403 with this inner code. */
void vault_forbid(const struct vault_call *c, const char *inner, const char *message);

/* vault-secrets.c */
void vault_secret_list(const struct vault_call *c);
void vault_secret_versions(const struct vault_call *c);
void vault_secret_get(const struct vault_call *c);

/* vault-keys.c */
void vault_key_list(const struct vault_call *c);
void vault_key_versions(const struct vault_call *c);
void vault_key_get(const struct vault_call *c);
void vault_key_operate(const struct vault_call *c);

/* vault-items.c */
/* What a list tells of a version, or (not versioned) of the object. */
typedef struct json_object *vault_row(
	const struct vault_call *c, const struct vault_item *item, bool versioned);
/* The version that the call names, or the newest. */
bool vault_item_find(
	const struct vault_call *c, bool certificate, struct vault_item *ret);
/* A member of that version: its own, else that of all versions. NULL: neither. */
struct json_object *vault_item_member(const struct vault_item *item, const char *name);
bool vault_item_enabled(const struct vault_item *item);
/* https://HOST/KIND/NAME[/VERSION] */
struct json_object *vault_item_url(const struct vault_call *c,
	const struct vault_item *item, const char *kind, bool versioned);
/* Adds "attributes" and "tags", and "managed" to what a certificate is besides. */
void vault_item_describe(
	const struct vault_item *item, const char *kind, struct json_object *ret);
/* Rows of all keys, or of all certificates. */
void vault_item_add_all(const struct vault_call *c, bool certificates, vault_row *row,
	struct json_object *ret);
void vault_item_add_versions(const struct vault_call *c, const struct vault_item *item,
	vault_row *row, struct json_object *ret);
/* Has run() called after the handler, with the item's key made. answer becomes the job's. */
struct vault_job *vault_job_start(const struct vault_call *c,
	const struct vault_item *item, struct json_object *answer,
	void (*run)(struct vault_job *job, struct reply *rp));

/* vault-certs.c */
void vault_certificate_list(const struct vault_call *c);
void vault_certificate_versions(const struct vault_call *c);
void vault_certificate_get(const struct vault_call *c);
/* The secret that a certificate is, and its row. */
void vault_certificate_secret(const struct vault_call *c, const struct vault_item *item);
vault_row vault_certificate_secret_row;

/* vault-crypto.c: sign, verify, encrypt, decrypt, wrapkey, unwrapkey. */
void vault_operate(struct vault_job *job, struct reply *rp);

/* vault-store.c */
/* The key of the item, which may not be made yet; with the lock held. */
struct vault_key *vault_store_find(
	const struct vault_call *c, const struct vault_item *item);
/* Makes it at the first time: slow, and no lock is needed. false: it cannot be had. */
bool vault_store_make(const struct world *w, struct vault_key *key);
/* Adds "n" and "e", or "crv", "x" and "y" (RFC 7518, section 6). */
void vault_store_add_jwk(const struct vault_key *key, struct json_object *jwk);
/* base64url without padding (RFC 4648, section 5). */
struct json_object *vault_base64url(const unsigned char *data, size_t len);

/* vault-spec.c */
/* Whether a scenario's "vaults" are well formed; why tells what is wrong. */
bool vault_check(struct json_object *vaults, char *why, size_t why_size);
/* A new version of that key or certificate, with these members (NULL: none of its own).
 * false: why tells what is wrong. */
bool vault_rotate(struct world *w, const struct params *query,
	struct json_object *members, char *why, size_t why_size);

#endif
