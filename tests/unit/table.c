/* The order of the sources: which one is asked on which machine.
 * SPDX-License-Identifier: MIT */
#include "core/choose.h"
#include "source/aadsts.h"
#include "source/source.h"

#include "script.h"

#define ENDPOINT                                         \
	{                                                \
		"IDENTITY_ENDPOINT", "http://127.0.0.1/" \
	}
#define HEADER                         \
	{                              \
		"IDENTITY_HEADER", "h" \
	}
#define MSI                                      \
	{ "MSI_ENDPOINT", "http://127.0.0.1/" }, \
	{                                        \
		"MSI_SECRET", "s"                \
	}
#define WORKLOAD                                                \
	{ "AZURE_TENANT_ID", "t" }, { "AZURE_CLIENT_ID", "c" }, \
	{                                                       \
		"AZURE_FEDERATED_TOKEN_FILE", "/t"              \
	}

static const struct script_presence rows[] = {
	{ "a VM", .want = "imds" },
	{ "a pod", .env = { WORKLOAD }, .want = "workload" },
	{ "a pod in App Service", .env = { WORKLOAD, ENDPOINT, HEADER },
		.want = "workload" },
	{ "a service principal's variables",
		.env = { { "AZURE_TENANT_ID", "t" }, { "AZURE_CLIENT_ID", "c" } },
		.want = "imds" },
	{ "Service Fabric",
		.env = { ENDPOINT, HEADER, { "IDENTITY_SERVER_THUMBPRINT", "x" } },
		.want = "service-fabric" },
	{ "App Service", .env = { ENDPOINT, HEADER }, .want = "app-service" },
	{ "App Service with both", .env = { ENDPOINT, HEADER, MSI },
		.want = "app-service" },
	{ "App Service of 2017", .env = { MSI }, .want = "app-service-2017" },
	{ "Azure ML", .env = { MSI, { "DEFAULT_IDENTITY_CLIENT_ID", "c" } },
		.want = "azure-ml" },
	{ "Cloud Shell", .env = { { "MSI_ENDPOINT", "http://127.0.0.1/" } },
		.want = "cloud-shell" },
	{ "Arc", .env = { ENDPOINT, { "IMDS_ENDPOINT", "x" } }, .want = "arc" },
	{ "Arc by its file", .files = { { "/opt/azcmagent/bin/himds" } }, .want = "arc" },
	{ "an endpoint alone", .env = { ENDPOINT }, .want = "imds" },
	{ "empty values",
		.env = { { "IDENTITY_ENDPOINT", "" }, { "IDENTITY_HEADER", "" } },
		.want = "imds" },
};

static void order(void)
{
	static struct script s;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct host h = script_host(&s);
		const struct source *const *at = sources;

		script_start(&s, rows[i].env, rows[i].files, NULL);
		while ((*at)->missing(&h))
			at++;
		CHECK_ROW(rows[i].what, strcmp((*at)->name, rows[i].want) == 0);
	}
}

static void names(void)
{
	struct mitok_err e;

	for (const struct source *const *at = sources; *at; at++) {
		CHECK(source_find((*at)->name) == *at);
		CHECK(strlen((*at)->name) < sizeof(e.source));
		CHECK((*at)->about[0] && (*at)->missing && (*at)->place && (*at)->fetch);
	}
	CHECK(source_find("") == NULL);
	CHECK(source_find("IMDS") == NULL);
}

/* What is named goes before what is there, in the order of the names. */
static void lists(void)
{
	static const struct {
		const char *names, *want; /* the source, or the error */
		const char *hint;
		enum mitok_code code;
	} lists[] = {
		{ "imds", "imds" },
		{ "arc,imds", "imds" },
		{ "arc", "source 'arc' is not here: ", NULL, MITOK_E_NOIDENTITY },
		{ "arc,workload", "none of the sources 'arc,workload' is here: arc: ",
			NULL, MITOK_E_NOIDENTITY },
		{ "imsd", "no source 'imsd'", "there are: auto, workload, ",
			MITOK_E_ARG },
		{ "", "no source ''", "there are: auto, ", MITOK_E_ARG },
		{ "imds,", "no source ''", "there are: ", MITOK_E_ARG },
		{ ",imds", "no source ''", "there are: ", MITOK_E_ARG },
		{ "imds,,arc", "no source ''", "there are: ", MITOK_E_ARG },
		{ "arc,auto", "'auto' is all sources that are not only asked by name",
			"leave out auto", MITOK_E_ARG },
	};
	static struct script s;

	for (size_t i = 0; i < COUNT(lists); i++) {
		const struct source *got = NULL;
		struct host h = script_host(&s);
		struct mitok_err e = { 0 };

		script_start(&s, NULL, NULL, NULL);
		CHECK_ROW(lists[i].names,
			choose_source(&h, lists[i].names, &got, &e) == lists[i].code);
		CHECK_ROW(lists[i].names,
			text_starts(got ? got->name : e.message, lists[i].want));
		CHECK_ROW(lists[i].names,
			!lists[i].hint || text_starts(e.hint, lists[i].hint));
	}
}

static void without_memory(void)
{
	static struct script s;
	static const char *const names[] = { "arc", "arc,workload", "imsd", "auto" };

	for (size_t i = 0; i < COUNT(names); i++)
		for (unsigned n = 1; n < 20; n++) {
			const struct source *got = NULL;
			struct host h = script_host(&s);
			struct mitok_err e = { 0 };
			enum mitok_code r;

			script_start(&s, NULL, NULL, NULL);
			spy_fail(n);
			r = choose_source(&h, names[i], &got, &e);
			spy_fail(0);
			CHECK_ROW(names[i], (r == MITOK_OK) == (got != NULL));
			CHECK_ROW(names[i], !r || e.message[0]);
			CHECK_ROW(names[i], text_is_utf8(e.message, strlen(e.message)));
		}
}

static void numbers(void)
{
	static const struct {
		const char *text;
		int want;
	} texts[] = { { "AADSTS700016: Application", 700016 }, { "x AADSTS50034", 50034 },
		{ "AADSTS", 0 }, { "AADSTSx", 0 }, { "", 0 },
		{ "AADSTS99999999999999", 0 }, { "AADSTS3000000000", 0 },
		{ "aadsts50034", 0 } };

	for (size_t i = 0; i < COUNT(texts); i++)
		CHECK_ROW(texts[i].text, aadsts_number(texts[i].text) == texts[i].want);
	for (const struct aadsts *row = aadsts_rows; row->number; row++) {
		CHECK_ROW(row->means,
			aadsts_find(row->number) == row); /* no number twice */
		CHECK_ROW(row->means, row->code && row->means[0] && row->cure[0]);
		CHECK_ROW(row->means,
			strlen(row->cure) < sizeof((struct mitok_err){ 0 }.hint));
	}
	CHECK(aadsts_find(1) == NULL);
}

static const struct test tests[] = {
	{ "each platform is recognised as itself", order },
	{ "sources are found by their names", names },
	{ "of a list the first that is here is asked", lists },
	{ "no memory is no other source", without_memory },
	{ "Entra's numbers are read, and known once each with a cure", numbers },
};
TEST_MAIN(tests)
