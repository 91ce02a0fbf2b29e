/* Proxies of the environment: not ours, but other programs send a token's request there.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "doctor.h"
#include "no-proxy.h"

static const char address[] = "169.254.169.254";

/* Scheme, host and port: what is before '@' is a password. */
static void add_proxy(struct text *t, const char *name, const char *value)
{
	const char *scheme = strstr(value, "://");
	const char *host = scheme ? scheme + 3 : value;
	const char *at;
	size_t len = strcspn(host, "/");

	at = memrchr(host, '@', len);
	text_addf(t, "%s%s=", t->len ? ", " : "", name);
	text_add_bytes(t, value, (size_t)(host - value));
	if (at)
		text_add_bytes(t, at + 1, len - (size_t)(at + 1 - host));
	else
		text_add_bytes(t, host, len);
}

void climb_proxies(struct facts *f)
{
	/* In capital letters curl does not read the first, others do. */
	static const char *const names[] = { "http_proxy", "HTTP_PROXY", "all_proxy",
		"ALL_PROXY", "https_proxy", "HTTPS_PROXY" };
	const char *no =
		facts_env("no_proxy") ? facts_env("no_proxy") : facts_env("NO_PROXY");
	AUTO_TEXT t = { 0 };
	AUTO_TEXT list = { 0 };
	AUTO_TEXT word = { 0 };
	bool is_for_http = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!facts_env(names[i]))
			continue;
		add_proxy(&t, names[i], facts_env(names[i]));
		is_for_http |= i < 4;
	}
	if (!t.len) {
		report_ok(&f->rep, "proxies", "none are set");
	} else if (!is_for_http || no_proxy_has(no, address)) {
		report_ok(&f->rep, "proxies",
			"%s: not used for the metadata service, neither here nor "
			"elsewhere",
			text_peek(&t));
	} else {
		report_warn(&f->rep, "proxies",
			"%s: mi-token does not use it for the metadata service, but "
			"other "
			"programs do, as NO_PROXY does not have %s",
			text_peek(&t), address);
		text_addf(&list, "%s%s%s", address, no ? "," : "", no ? no : "");
		text_add_word(&word, text_peek(&list));
		report_advice(&f->rep, "export NO_PROXY=%s", text_peek(&word));
	}
}
