/* Who asked for a token, of which identity, for what, and what came of it: one line in the
 * system's log.
 * SPDX-License-Identifier: MIT */
#include "core/audit.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Names and claims come from callers and from tokens that nobody has verified, and whoever
 * reads the log must be able to trust its form: a value stands in quotes, and all in it but
 * printable ASCII, and quotes and backslashes, is escaped. So no value can end early, begin
 * another key or another line, or drive a terminal. */

/* The most that a value may take, escaped, without the quotes: all of them together with
 * the keys have room in JOURNAL_MAX. */
#define LIMIT       64
#define LIMIT_LONG  256
#define LIMIT_WHOLE 450 /* two GUIDs and the longest ARM id of an identity, 360 */

/* ` key="value"`; what is too long ends in "...". */
static void add(struct text *t, const char *key, const char *value, size_t limit)
{
	char shown[LIMIT_WHOLE + 4];
	size_t len = 0;

	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';

		if (len + (plain ? 1 : 4) > limit - 3) {
			memcpy(shown + len, "...", 3);
			len += 3;
			break;
		}
		if (plain)
			shown[len++] = (char)c;
		else
			len += (size_t)snprintf(shown + len, 5, "\\x%02x", c);
	}
	shown[len] = '\0';
	text_clean(shown); /* somebody may have taken a token for the resource */
	text_addf(t, " %s=\"%s\"", key, shown);
}

/* The program's file, or its name where /proc cannot tell: in a chroot. */
static void add_program(struct text *t)
{
	char path[LIMIT_LONG + 1], name[16 + 1] = "";
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len > 0) {
		path[len] = '\0';
		add(t, "program", path, LIMIT_LONG);
		return;
	}
	(void)prctl(PR_GET_NAME, name);
	add(t, "program", name, LIMIT);
}

void audit_format(const struct audit_event *event, struct text *ret)
{
	static const struct claims none;
	const struct mitok_err *e = event->error;
	const struct claims *c = event->token ? &event->token->claims : &none;
	char expires[CLOCK_TEXT_SIZE] = "";
	AUTO_TEXT who = { 0 };

	identity_format(&event->want->identity, &who);
	if (!e && event->token)
		clock_format(event->token->expires_s, expires);
	text_addf(ret, "audit uid=%u pid=%d", (unsigned)getuid(), (int)getpid());
	add_program(ret);
	add(ret, "identity", text_peek(&who), LIMIT_WHOLE);
	add(ret, "resource", event->want->resource.value, LIMIT_LONG);
	/* What Entra exchanges is told apart from the token that vouches for it. */
	add(ret, "source", want_giver(event->want), LIMIT);
	add(ret, "outcome", mitok_code_name(e ? e->code : MITOK_OK), LIMIT);
	text_addf(ret, " http=%d aadsts=%d", e ? e->http_status : 0, e ? e->aadsts : 0);
	add(ret, "uti", c->token_id, LIMIT);
	add(ret, "client_id", c->client_id, LIMIT);
	add(ret, "object_id", c->object_id, LIMIT);
	add(ret, "expires", expires, LIMIT);
}

void audit_write(const struct mitok *m, const struct audit_event *event)
{
	AUTO_TEXT line = { 0 };
	int error;

	if (strcmp(m->conf.audit.text, "true") != 0)
		return;
	audit_format(event, &line);
	if (!text_ok(&line)) {
		log_debug(&m->log, "audit: not written: out of memory");
		return;
	}
	error = m->host.journal(m->host.self, event->error != NULL, text_peek(&line));
	if (error)
		log_debug(&m->log, "audit: not written: %s", strerror(error));
}
