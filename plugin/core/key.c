/* The names under which a request's token, failures and locks are kept.
 * SPDX-License-Identifier: MIT */
#include "core/key.h"

static void add_part(struct text *t, const char *part)
{
	text_add(t, "|");
	text_add_url(t, part ? part : "");
}

bool key_format(struct mitok *m, const struct want *w, struct text *ret_key,
	struct text *ret_place)
{
	const struct identity *i = &w->identity;
	AUTO_TEXT place = { 0 };
	AUTO_TEXT who = { 0 };

	w->source->place(&m->host, &place);
	identity_format(i, &who);
	/* Of a federated one the last step, which Entra serves, is what is asked for. */
	text_add(ret_place, want_giver(w));
	add_part(ret_place, i->app_id ? i->app_tenant_id : text_peek(&place));
	text_add(ret_key, text_peek(ret_place));
	if (i->app_id) {
		add_part(ret_key, w->source->name);
		add_part(ret_key, text_peek(&place));
	}
	add_part(ret_key, text_peek(&who));
	add_part(ret_key, i->client_id);
	add_part(ret_key, i->object_id);
	add_part(ret_key, i->resource_id);
	add_part(ret_key, i->tenant_id);
	add_part(ret_key, w->resource.value);
	return text_ok(&place) && text_ok(&who) && text_ok(ret_place) && text_ok(ret_key);
}
