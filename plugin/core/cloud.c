/* Which Azure cloud this machine stands in, asked once per boot and remembered.
 * SPDX-License-Identifier: MIT */
#include "core/cloud.h"

#include <string.h>

#include "core/failure.h"
#include "core/flight.h"
#include "source/imds.h"

struct remembered {
	char name[64]; /* as azEnvironment says it */
	char boot_id[40];
};

static const struct record_field fields[] = {
	RECORD_FIELD(struct remembered, "cloud", RECORD_TEXT, name),
	RECORD_FIELD(struct remembered, "boot-id", RECORD_TEXT, boot_id),
	{ NULL, RECORD_TEXT, 0, 0 },
};

/* Authority hosts by their ends (Microsoft Learn, "National clouds"). */
static enum cloud by_authority(const struct host *h)
{
	static const struct {
		const char *part;
		enum cloud cloud;
	} rows[] = {
		{ "login.microsoftonline.us", CLOUD_USGOV },
		{ "login.chinacloudapi.cn", CLOUD_CHINA },
		{ "login.partner.microsoftonline.cn", CLOUD_CHINA },
	};
	const char *authority = h->env(h->self, "AZURE_AUTHORITY_HOST");

	for (size_t i = 0; authority && i < sizeof(rows) / sizeof(*rows); i++)
		if (strcasestr(authority, rows[i].part))
			return rows[i].cloud;
	return CLOUD_PUBLIC;
}

static bool recall(struct mitok *m, const char *key, enum cloud *ret)
{
	struct remembered r = { 0 };
	enum cloud known = (enum cloud)__atomic_load_n(&m->cloud, __ATOMIC_RELAXED);

	if (known == CLOUD_UNKNOWN &&
		cache_read(&m->cache, CACHE_CLOUD, key, fields, &r) &&
		strcmp(r.boot_id, m->cache.boot_id) == 0)
		known = cloud_find(r.name);
	*ret = known;
	return known != CLOUD_UNKNOWN;
}

/* Asks the machine and lets everybody know. */
static enum mitok_code ask_machine(
	const struct flight *f, int64_t started_ms, enum cloud *ret, struct mitok_err *e)
{
	struct mitok *m = f->m;
	const struct ask ask = {
		.allow_hosts = (const char *const *)m->conf.allow_hosts,
		.deadline_ms = f->deadline_ms,
	};
	struct remembered r = { 0 };
	enum mitok_code code = imds_cloud(&m->host, &ask, r.name, sizeof(r.name), e);
	const struct failure_note note = { .at = m->host.now(m->host.self),
		.tried_ms = f->deadline_ms - started_ms };

	*ret = cloud_find(r.name);
	if (!code && *ret == CLOUD_UNKNOWN)
		code = err_hint(e,
			err_set(e, MITOK_E_REPLY, "azEnvironment is '%s'", r.name),
			"set cloud in /etc/mi-token/mi-token.conf");
	if (code) {
		if (code != MITOK_E_BUG && code != MITOK_E_CONF)
			failure_publish(&m->cache, f->key, e, &note);
		return code;
	}
	(void)!TEXT_COPY(r.boot_id, m->cache.boot_id);
	cache_write(&m->cache, CACHE_CLOUD, f->key, fields, &r);
	__atomic_store_n(&m->cloud, (int)*ret, __ATOMIC_RELAXED);
	return MITOK_OK;
}

enum mitok_code cloud_ask(struct mitok *m, const struct source *source,
	int64_t deadline_ms, enum cloud *ret, struct mitok_err *e)
{
	struct flight f = { .m = m, .name = source->name, .deadline_ms = deadline_ms };
	struct failure_view view = { .now = m->host.now(m->host.self) };
	AUTO_TEXT place = { 0 };

	if (source != &source_imds) {
		*ret = by_authority(&m->host);
		return MITOK_OK;
	}
	text_add(&place, "cloud|");
	source->place(&m->host, &place);
	if (!text_ok(&place))
		return err_memory(e);
	f.key = text_peek(&place);
	view.since_ms = view.now.boot_ms;
	while (!recall(m, f.key, ret)) {
		AUTO_TURN turn = flight_turn(&f);

		if (turn.outcome == TURN_TIMEOUT)
			return flight_timeout(&f, e);
		view.now = m->host.now(m->host.self);
		view.left_ms = deadline_ms - view.now.boot_ms;
		if (failure_find(&m->cache, f.key, &view, e) >= 0)
			return e->code;
		if (turn.outcome == TURN_MINE && !recall(m, f.key, ret))
			return ask_machine(&f, view.since_ms, ret, e);
	}
	return MITOK_OK;
}
