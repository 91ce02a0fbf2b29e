/* What calls show to vaults, for a second.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault-pass.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void vault_pass_free(struct vault_pass *p)
{
	if (!p)
		return;
	mitok_token_free(p->token);
	secret_wipe(&p->authorization);
	free(p->what);
	free(p);
}

/* Clocks that went back are no reason to believe it for longer. */
static bool is_good(const struct vault_pass *p, int64_t now_ms)
{
	return now_ms < p->until_ms && now_ms >= p->until_ms - VAULT_PASS_MS &&
		p->pid == getpid() && p->euid == geteuid();
}

/* Whatever is no good, for any call, is cleared away. */
struct vault_pass *vault_pass_take(
	struct vault_shelf *s, const char *what, int64_t now_ms)
{
	for (size_t i = 0; i < SHELF_SLOTS; i++) {
		struct vault_pass *p = vault_shelf_take(s, i);

		if (!p)
			continue;
		if (is_good(p, now_ms)) {
			if (strcmp(p->what, what) == 0)
				return p;
			if (vault_shelf_put(s, p))
				continue;
		}
		vault_pass_free(p);
	}
	return NULL;
}

struct vault_pass *vault_pass_new(const char *what, struct mitok_token *t, int64_t now_ms)
{
	struct vault_pass *p = calloc(1, sizeof(*p));
	const char *value;
	size_t len;

	if (!p) {
		mitok_token_free(t);
		return NULL;
	}
	*p = (struct vault_pass){ .token = t,
		.what = strdup(what),
		.until_ms = now_ms + VAULT_PASS_MS,
		.euid = geteuid(),
		.pid = getpid() };
	value = mitok_token_value(t, &len);
	if (p->what && secret_add_text(&p->authorization, "Bearer ") &&
		secret_add(&p->authorization, value, len))
		return p;
	vault_pass_free(p);
	return NULL;
}

/* Any place will do when all are taken; the last is the one that is looked at last. */
void vault_pass_keep(struct vault_shelf *s, struct vault_pass *p)
{
	if (!vault_shelf_put(s, p))
		vault_pass_free(vault_shelf_swap(s, SHELF_SLOTS - 1, p));
}

void vault_pass_drop_all(struct vault_shelf *s)
{
	for (size_t i = 0; i < SHELF_SLOTS; i++)
		vault_pass_free(vault_shelf_take(s, i));
}
