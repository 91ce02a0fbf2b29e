/* What the token endpoints of the machine have in common.
 * SPDX-License-Identifier: MIT */
#include "oauth.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void oauth_error(struct reply *rp, int status, const char *error, const char *description)
{
	AUTO_TEXT body = { 0 };

	text_add(&body, "{\"error\":");
	text_add_json(&body, error);
	text_add(&body, ",\"error_description\":");
	text_add_json(&body, description);
	text_add(&body, "}");
	reply_json(rp, status, "%s", text_peek(&body));
}

void oauth_unknown_resource(struct world *w, struct reply *rp, const char *resource)
{
	char trace[GUID_SIZE], correlation[GUID_SIZE], stamp[32];
	AUTO_TEXT description = { 0 };
	AUTO_TEXT body = { 0 };
	time_t now = (time_t)now_s();
	struct tm tm;

	make_guid(w, "trace", trace);
	make_guid(w, "correlation", correlation);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%SZ", gmtime_r(&now, &tm));
	text_addf(&description,
		"AADSTS500011: The resource principal named %s was not found in the "
		"tenant named "
		"%s. This can happen if the application has not been installed by the "
		"administrator of the tenant or consented to by any user in the tenant. "
		"You "
		"might have sent your authentication request to the wrong tenant. Trace "
		"ID: %s "
		"Correlation ID: %s Timestamp: %s",
		resource, scenario_tenant(w), trace, correlation, stamp);
	text_add(&body, "{\"error\":\"invalid_resource\",\"error_description\":");
	text_add_json(&body, text_peek(&description));
	text_addf(&body,
		",\"error_codes\":[500011],\"timestamp\":\"%s\",\"trace_id\":\"%s\","
		"\"correlation_id\":\"%s\",\"error_uri\":"
		"\"https://login.microsoftonline.com/error?code=500011\"}",
		stamp, trace, correlation);
	reply_json(rp, 400, "%s", text_peek(&body));
}

void oauth_add_expires_on(const struct world *w, const char *part, const char *otherwise,
	int64_t expires_on, struct text *body)
{
	const char *format = scenario_text(w, part, "expires_on", otherwise);
	time_t t = (time_t)expires_on;
	struct tm tm;
	char date[64] = "";

	(void)gmtime_r(&t, &tm);
	if (strcmp(format, "none") == 0)
		return;
	if (strcmp(format, "number") == 0) {
		text_addf(body, ",\"expires_on\":%lld", (long long)expires_on);
		return;
	}
	if (strcmp(format, "windows") == 0)
		(void)snprintf(date, sizeof(date), "%d/%d/%d %d:%02d:%02d %s +00:00",
			tm.tm_mon + 1, tm.tm_mday, tm.tm_year + 1900,
			tm.tm_hour % 12 ? tm.tm_hour % 12 : 12, tm.tm_min, tm.tm_sec,
			tm.tm_hour < 12 ? "AM" : "PM");
	else if (strcmp(format, "linux") == 0)
		(void)strftime(date, sizeof(date), "%m/%d/%Y %H:%M:%S +00:00", &tm);
	else if (strcmp(format, "iso") == 0)
		(void)strftime(
			date, sizeof(date), "%Y-%m-%dT%H:%M:%S.0000000+00:00", &tm);
	else
		(void)snprintf(date, sizeof(date), "%lld", (long long)expires_on);
	text_addf(body, ",\"expires_on\":\"%s\"", date);
}
