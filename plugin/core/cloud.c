/* Which Azure cloud this machine stands in, asked once per boot and remembered.
 * SPDX-License-Identifier: MIT */
#include "core/cloud.h"

#include <string.h>

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

static bool recall(const struct mitok *m, const char *key, enum cloud *ret)
{
	struct remembered r = { 0 };

	if (!cache_read(&m->cache, CACHE_CLOUD, key, fields, &r) ||
		strcmp(r.boot_id, m->cache.boot_id) != 0)
		return false;
	*ret = cloud_find(r.name);
	return *ret != CLOUD_UNKNOWN;
}

enum mitok_code cloud_ask(struct mitok *m, const struct source *source,
	int64_t deadline_ms, enum cloud *ret, struct mitok_err *e)
{
	struct flight f = { .m = m, .source = source, .deadline_ms = deadline_ms };
	const struct ask ask = {
		.allow_hosts = (const char *const *)m->conf.allow_hosts,
		.deadline_ms = deadline_ms,
	};
	struct remembered r = { 0 };
	AUTO_TEXT place = { 0 };
	enum mitok_code code;

	if (source != &source_imds) {
		*ret = by_authority(&m->host);
		return MITOK_OK;
	}
	text_add(&place, "cloud|");
	source->place(&m->host, &place);
	if (!text_ok(&place))
		return err_memory(e);
	f.key = text_peek(&place);
	while (!recall(m, f.key, ret)) {
		AUTO_TURN turn = flight_turn(&f);

		if (turn.outcome == TURN_WAIT)
			continue;
		if (turn.outcome == TURN_TIMEOUT)
			return flight_timeout(&f, e);
		if (recall(m, f.key, ret))
			break;
		code = imds_cloud(&m->host, &ask, r.name, sizeof(r.name), e);
		if (code)
			return code;
		*ret = cloud_find(r.name);
		if (*ret == CLOUD_UNKNOWN)
			return err_hint(e,
				err_set(e, MITOK_E_REPLY, "azEnvironment is '%s'",
					r.name),
				"set cloud in /etc/mi-token/mi-token.conf");
		(void)!TEXT_COPY(r.boot_id, m->cache.boot_id);
		cache_write(&m->cache, CACHE_CLOUD, f.key, fields, &r);
		break;
	}
	return MITOK_OK;
}
