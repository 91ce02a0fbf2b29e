/* Which subscription a token is said to be for.
 * SPDX-License-Identifier: MIT */
#include "subscription.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "home.h"
#include "io/http.h"

#define NOTE        "az-subscription"
#define NONE        "-" /* in the note: the machine does not know */
#define ASK_MS      1500
#define PATIENCE_MS 2500
#define GUID_LEN    36

/* A GUID at the beginning of a text. */
static bool take_guid(const char *text, char ret[SUBSCRIPTION_SIZE])
{
	size_t len = strlen(text);

	if (len > GUID_LEN)
		len = GUID_LEN;
	memcpy(ret, text, len);
	ret[len] = '\0';
	return text_is_guid(ret);
}

/* App Service and Functions: "<subscription>+<webspace>". */
static bool from_environment(char ret[SUBSCRIPTION_SIZE])
{
	const char *owner = home_env("WEBSITE_OWNER_NAME");

	return owner && strchr(owner, '+') && take_guid(owner, ret);
}

/* "/subscriptions/<GUID>/...": of the machine that has the identity, or of the user-assigned
 * identity, which may lie elsewhere. */
static bool from_resource_id(const char *id, char ret[SUBSCRIPTION_SIZE])
{
	static const char start[] = "/subscriptions/";

	return text_starts_nocase(id, start) && take_guid(id + strlen(start), ret);
}

/* Microsoft Learn, "Azure Instance Metadata Service": one value as text. */
static bool ask_machine(char ret[SUBSCRIPTION_SIZE])
{
	const struct http_request rq = {
		.method = "GET",
		.url = "http://169.254.169.254/metadata/instance/compute/subscriptionId"
		       "?api-version=2021-02-01&format=text",
		.headers = { { "Metadata", "true", NULL } },
		.flags = HTTP_LOCAL | HTTP_OWN_PROCESS,
		.timeout_ms = ASK_MS,
	};
	AUTO_REPLY rp = { 0 };

	if (http_exchange(NULL, &rq, &rp, NULL) || rp.fault)
		return false;
	if (rp.status == 200)
		secret_trim(&rp.body);
	if (rp.status != 200 || rp.body.len != GUID_LEN ||
		!take_guid(secret_peek(&rp.body), ret))
		(void)!text_copy(ret, SUBSCRIPTION_SIZE, NONE);
	return true;
}

static void pass_over(void *arg, const struct mitok_token *t, const char *identity)
{
	(void)arg;
	(void)t;
	(void)identity;
}

/* One process asks, and the others wait for its note: the folder itself is the lock. */
static int take_turn(struct az *az)
{
	int64_t end = clock_now().boot_ms + PATIENCE_MS;
	const char *dir = NULL;
	int fd;

	if (mitok_cache_each(az->m, pass_over, NULL, &dir, NULL) || !dir)
		return -1;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && clock_now().boot_ms < end)
		clock_sleep(5);
	return fd;
}

static bool from_machine(struct az *az, char ret[SUBSCRIPTION_SIZE])
{
	bool known = mitok_note_read(az->m, NOTE, ret, SUBSCRIPTION_SIZE);

	if (!known) {
		AUTO_FD turn = take_turn(az);

		(void)turn; /* ends with its scope */
		known = mitok_note_read(az->m, NOTE, ret, SUBSCRIPTION_SIZE);
		if (!known && ask_machine(ret)) {
			mitok_note_write(az->m, NOTE, ret);
			known = true;
		}
	}
	return known && text_is_guid(ret);
}

/* The metadata service is what gave the token, and at its own address. */
static bool is_machine(const struct mitok_token *t)
{
	return strcmp(mitok_token_text(t, MITOK_TEXT_SOURCE), "imds") == 0 &&
		!home_env("AZURE_POD_IDENTITY_AUTHORITY_HOST");
}

void subscription_default(
	struct az *az, const struct mitok_token *t, char ret[SUBSCRIPTION_SIZE])
{
	const char *id = mitok_token_text(t, MITOK_TEXT_RESOURCE_ID);
	bool is_user_assigned = strcasestr(id, "/userAssignedIdentities/");

	if (az->state.subscription[0] &&
		text_copy(ret, SUBSCRIPTION_SIZE, az->state.subscription))
		return;
	if (from_environment(ret) || (!is_user_assigned && from_resource_id(id, ret)) ||
		(is_machine(t) && from_machine(az, ret)) || from_resource_id(id, ret))
		return;
	(void)!text_copy(
		ret, SUBSCRIPTION_SIZE, mitok_token_text(t, MITOK_TEXT_TENANT_ID));
}
