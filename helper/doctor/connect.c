/* The way to whoever gives tokens here, and who that is.
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence.h"

/* Where each source is asked: what names it, and else. */
static const struct {
	const char *source, *variable, *place;
} places[] = {
	{ "imds", "AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://169.254.169.254" },
	{ "app-service", "IDENTITY_ENDPOINT", NULL },
	{ "app-service-2017", "MSI_ENDPOINT", NULL },
	{ "azure-ml", "MSI_ENDPOINT", NULL },
	{ "cloud-shell", "MSI_ENDPOINT", NULL },
	{ "service-fabric", "IDENTITY_ENDPOINT", NULL },
	{ "arc", "IDENTITY_ENDPOINT", "http://localhost:40342" },
	{ "workload", "AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com" },
	{ "environment", "AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com" },
};

/* Scheme, host and port alone: what is behind may be a secret. */
static void add_place(const struct facts *f, struct text *ret)
{
	const char *url = NULL, *host;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (!facts_is_source(f, places[i].source))
			continue;
		url = facts_env(places[i].variable);
		url = url ? url : places[i].place;
	}
	host = url ? strstr(url, "://") : NULL;
	if (!host) {
		text_add(ret, f->source);
		return;
	}
	host += strlen("://");
	text_add_bytes(ret, url, (size_t)(host - url) + strcspn(host, "/?#@"));
}

/* The card that has this address. */
static void find_card(
	const struct sockaddr_in *own, char ret[IF_NAMESIZE], unsigned *cards)
{
	struct ifaddrs *all = NULL;

	*cards = 0;
	ret[0] = '\0';
	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		struct sockaddr_in in;

		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&in, i->ifa_addr, sizeof(in));
		*cards += !(i->ifa_flags & IFF_LOOPBACK);
		if (in.sin_addr.s_addr == own->sin_addr.s_addr)
			(void)!text_copy(ret, IF_NAMESIZE, i->ifa_name);
	}
	freeifaddrs(all);
}

/* The kernel's route to the metadata service, as it decides for this very process: a
 * datagram socket that is connected sends nothing. */
static void add_route(struct text *ret)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in own = { 0 };
	AUTO_FD fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char card[IF_NAMESIZE], address[INET_ADDRSTRLEN];
	socklen_t len = sizeof(own);
	unsigned cards;

	if (fd < 0 || inet_pton(AF_INET, "169.254.169.254", &to.sin_addr) != 1 ||
		connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 ||
		getsockname(fd, (struct sockaddr *)&own, &len) < 0 ||
		!inet_ntop(AF_INET, &own.sin_addr, address, sizeof(address)))
		return;
	find_card(&own, card, &cards);
	text_addf(ret, ", from %s", address);
	if (card[0])
		text_addf(ret, " on %s", card);
	if (cards > 1)
		text_addf(ret, ", one of %u network cards", cards);
}

void climb_connect(struct facts *f)
{
	AUTO_TEXT place = { 0 };

	ask_source(f);
	if (f->stage <= STAGE_CONNECTION) {
		report_fail(&f->rep, "connect", &f->err);
		evidence_tell(f);
		return;
	}
	add_place(f, &place);
	text_add(&place, " answers");
	if (f->was_probed)
		add_route(&place);
	report_ok(&f->rep, "connect", "%s", text_peek(&place));
	f->known |= KNOWS_CONNECTION;
}

/* Others who have a metadata service at this address, by what they say of themselves. */
static const struct {
	const char *header, *value, *who;
} others[] = {
	{ "server", "EC2ws", "Amazon EC2" },
	{ "metadata-flavor", "Google", "Google Cloud" },
	{ "server", "Metadata Server for VM", "Google Cloud" },
	{ "server", "OpenStack", "OpenStack" },
	{ "opc-request-id", "", "Oracle Cloud" },
};

static void tell_other(struct facts *f)
{
	char value[128];

	for (size_t i = 0; f->was_probed && i < sizeof(others) / sizeof(*others); i++) {
		if (!http_header_value(
			    &f->probe, others[i].header, 0, value, sizeof(value)) ||
			!text_starts_nocase(value, others[i].value))
			continue;
		report_advice(&f->rep,
			"it is the metadata service of %s (%s: %s): this machine is not "
			"Azure's",
			others[i].who, others[i].header, value);
		return;
	}
}

void climb_service(struct facts *f)
{
	char server[128] = "";

	if (f->stage == STAGE_SERVICE) {
		report_fail(&f->rep, "service", &f->err);
		if (f->err.code == MITOK_E_REPLY || f->err.http_status == 404)
			tell_other(f);
		return;
	}
	f->known |= KNOWS_SERVICE;
	if (!f->was_probed || f->probe.fault ||
		!http_header_value(&f->probe, "server", 0, server, sizeof(server)))
		report_ok(&f->rep, "service", "it answers as source %s", f->source);
	else if (text_starts(server, "IMDS/"))
		report_ok(
			&f->rep, "service", "it is Azure's metadata service, %s", server);
	else
		report_ok(&f->rep, "service",
			"it answers as Azure's metadata service, but calls itself '%s'",
			server);
}
