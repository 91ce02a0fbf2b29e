/* What a virtual machine knows about itself.
 * SPDX-License-Identifier: MIT */
#include "machine.h"

#include <string.h>

#include "io/json.h"

#define URL                                         \
	"http://169.254.169.254/metadata/instance/" \
	"compute?api-version=2021-02-01"

static void take(const struct json *j, const char *name, char *ret, size_t size)
{
	const char *text = json_text(json_member(j, name));

	(void)!text_copy(ret, size, text ? text : "");
	text_clean(ret);
}

#define TAKE(name, member) take(j, name, ret->member, sizeof(ret->member))

static void take_all(const struct json *j, struct machine *ret)
{
	*ret = (struct machine){ 0 };
	TAKE("name", name);
	TAKE("resourceId", resource_id);
	TAKE("subscriptionId", subscription);
	TAKE("resourceGroupName", group);
	TAKE("location", location);
	TAKE("vmSize", size);
	TAKE("azEnvironment", cloud);
	TAKE("vmScaleSetName", scale_set);
	TAKE("zone", zone);
	TAKE("vmId", vm_id);
}

enum mitok_code machine_read(const struct log *log, int64_t timeout_ms,
	struct machine *ret, struct mitok_err *e)
{
	const struct http_request rq = {
		.method = "GET",
		.url = URL,
		.headers = { { "Metadata", "true", NULL } },
		.flags = HTTP_LOCAL | HTTP_OWN_PROCESS,
		.timeout_ms = timeout_ms,
	};
	AUTO_REPLY rp = { 0 };
	AUTO_JSON j = NULL;
	enum mitok_code r = http_exchange(log, &rq, &rp, e);

	if (r)
		return r;
	if (rp.fault)
		return err_set(e, MITOK_E_NOIDENTITY,
			"the metadata service does not answer: %s", rp.detail);
	if (rp.status != 200)
		return err_set(e, MITOK_E_REPLY,
			"the metadata service answers with HTTP status %d", rp.status);
	r = json_parse_document(secret_peek(&rp.body), rp.body.len, &j, e);
	if (r)
		return err_within(e, r, "the metadata service");
	take_all(j, ret);
	return MITOK_OK;
}
