/* azure-sim: plays Azure for tests and the demo, on addresses of a network of our own.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "scenario.h"
#include "server.h"
#include "tls.h"
#include "token.h"

/* Where a listener listens this time. */
struct place {
	char address[64];
	uint16_t port;
	bool off;
};

struct settings {
	const char *state, *scenario;
	bool prepare, background;
	struct place places[LISTENERS_MAX];
};

static const char usage[] =
	"usage: azure-sim [OPTION]...\n"
	"Plays Azure: metadata service, identity endpoints, Entra, storage, Azure "
	"DevOps, ARM,\nGraph, Key Vault, Managed HSM, container registries.\n"
	"\n"
	"  -s, --scenario FILE             the machine and its faults (JSON, "
	"tests/README.md)\n"
	"  -d, --state DIR                 where CA, environment and hosts are written\n"
	"                                  (default /run/azure-sim)\n"
	"  -l, --listen NAME=ADDRESS:PORT  move a listener; port 0 is any\n"
	"  -o, --only NAME[,NAME]...       these listeners (control is always there)\n"
	"  -b, --background                return when ready, and print the process id\n"
	"  -p, --prepare                   write CA and hosts into the state directory, "
	"and end\n"
	"  -h, --help                      this text\n"
	"\n"
	"Without --background it prints \"ready\" and runs until SIGTERM.\n";

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "azure-sim: %s: %s\n", what, why);
	return 1;
}

static bool only(struct settings *s, char *names)
{
	char *name;

	for (unsigned i = 1; i < listener_count; i++)
		s->places[i].off = true;
	while ((name = strsep(&names, ","))) {
		int at = listener_find(name);

		if (at < 0)
			return false;
		s->places[at].off = false;
	}
	return true;
}

/* NAME=ADDRESS:PORT */
static bool move(struct settings *s, char *text)
{
	char *address = strchr(text, '='), *port = strrchr(text, ':');
	int64_t number;
	int at;

	if (!address || !port || port < address)
		return false;
	*address++ = '\0';
	*port++ = '\0';
	at = listener_find(text);
	if (at < 0 || !text_to_number(port, 0, 65535, &number))
		return false;
	s->places[at].port = (uint16_t)number;
	return TEXT_COPY(s->places[at].address, address);
}

/* 0 to go on, else main()'s status + 1. */
static int read_options(struct settings *s, int argc, char **argv)
{
	static const struct option options[] = { { "scenario", required_argument, NULL,
							 's' },
		{ "state", required_argument, NULL, 'd' },
		{ "listen", required_argument, NULL, 'l' },
		{ "only", required_argument, NULL, 'o' },
		{ "background", no_argument, NULL, 'b' },
		{ "prepare", no_argument, NULL, 'p' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 } };
	bool good = true;

	for (int c; good &&
		(c = getopt_long(argc, argv, "s:d:l:o:bph", options, NULL)) != -1;) {
		if (c == 's')
			s->scenario = optarg;
		else if (c == 'd')
			s->state = optarg;
		else if (c == 'b')
			s->background = true;
		else if (c == 'p')
			s->prepare = true;
		else if (c == 'l')
			good = move(s, optarg);
		else if (c == 'o')
			good = only(s, optarg);
		else if (c == 'h')
			return fputs(usage, stdout) < 0 ? 2 : 1;
		else
			good = false;
	}
	if (good && optind == argc)
		return 0;
	fprintf(stderr, "azure-sim: wrong usage; see azure-sim --help\n");
	return 3;
}

static FILE *create(const char *state, const char *name)
{
	AUTO_TEXT path = { 0 };

	text_addf(&path, "%s/%s", state, name);
	return fopen(text_peek(&path), "we");
}

/* Names of the services' hosts; those with a '*' get some names in its place. */
static void write_host(FILE *f, const char *pattern, size_t len)
{
	static const struct {
		const char *pattern, *labels[5];
	} rows[] = {
		{ "*.blob.", { "demo", "mystorage", "other" } },
		{ "*.queue.", { "demo", "mystorage", "other" } },
		{ "*.table.", { "demo", "mystorage", "other" } },
		{ "*.file.", { "demo", "mystorage", "other" } },
		{ "*.dfs.", { "demo", "mystorage", "other" } },
		{ "*.servicebus.", { "demo", "other" } },
		{ "*.documents.", { "demo", "other" } },
		{ "*.azconfig.", { "demo", "other" } },
		{ "*.contoso.example", { "api", "other" } },
		{ "*.visualstudio.com", { "org", "orga", "orgb", "partner" } },
		{ "*.pkgs.visualstudio.com", { "org" } },
		{ "*.vault.", { "demo", "myvault", "other", "partner" } },
		{ "*.managedhsm.", { "demo-hsm", "other-hsm" } },
		{ "*.azurecr.", { "registry", "other" } },
	};

	if (*pattern != '*')
		fprintf(f, "127.0.0.1 %.*s\n", (int)len, pattern);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (const char *const *label = rows[i].labels;
			*label && text_starts(pattern, rows[i].pattern); label++)
			fprintf(f, "127.0.0.1 %s%.*s\n", *label, (int)len - 1,
				pattern + 1);
}

static int prepare(const struct settings *s)
{
	FILE *f = tls_prepare(s->state) ? create(s->state, "hosts") : NULL;

	if (!f)
		return fail(s->state, "cannot write CA and hosts there");
	fprintf(f, "127.0.0.1 localhost\n127.0.0.1 %s\n", PROXY_NAME);
	for (unsigned i = 0; i < service_count; i++) {
		for (const char *at = services[i].hosts; at && *at;) {
			size_t len = strcspn(at, " ");

			write_host(f, at, len);
			at += len;
			at += strspn(at, " ");
		}
	}
	return fclose(f) ? fail(s->state, strerror(errno)) : 0;
}

/* Shell assignments for what a client has to know. */
static bool write_env(const struct world *w, const struct settings *s)
{
	// clang-format off
	static const struct { const char *name, *listener, *format; } rows[] = {
		{ "SIM_CONTROL",     "control",     "http://%s:%u" },
		{ "SIM_IMDS",        "imds",        "http://%s:%u" },
		{ "SIM_APP_SERVICE", "app-service", "http://%s:%u/msi/token" },
		{ "SIM_ML",          "ml",          "http://%s:%u/MSI/auth" },
		{ "SIM_CLOUD_SHELL", "cloud-shell", "http://%s:%u/oauth2/token" },
		{ "SIM_ARC",         "arc",         "http://%s:%u" },
		{ "SIM_FABRIC",      "fabric",      "https://%s:%u/metadata/identity/oauth2/token" },
		{ "SIM_PROXY",       "aks-proxy",   "https://%s:%u/proxy" },
	};
	// clang-format on
	FILE *f = create(s->state, "env");

	if (!f)
		return false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unsigned at = (unsigned)listener_find(rows[i].listener);

		if (s->places[at].off)
			continue;
		fprintf(f, "%s=", rows[i].name);
		for (const char *c = rows[i].format; *c; c++) {
			if (*c != '%')
				(void)fputc(*c, f);
			else if (*++c == 's')
				fputs(s->places[at].address, f);
			else
				fprintf(f, "%u", w->ports[at]);
		}
		(void)fputc('\n', f);
	}
	fprintf(f, "SIM_PROXY_NAME=%s\nSIM_PROXY_CA=%s/proxy-ca.pem\nSIM_CA=%s/ca.pem\n",
		PROXY_NAME, s->state, s->state);
	fprintf(f, "SIM_FABRIC_THUMBPRINT=%s\nSIM_TENANT=%s\n", w->thumbprint,
		scenario_tenant(w));
	fprintf(f, "SIM_SECRET=%s\n", "sim-identity-secret");
	return fclose(f) == 0;
}

static int open_listeners(struct server *srv, const struct settings *s)
{
	for (unsigned i = 0; i < LISTENERS_MAX; i++)
		srv->fds[i] = -1;
	for (unsigned i = 0; i < listener_count; i++) {
		const struct place *p = &s->places[i];

		if (!p->off && !server_listen(srv, i, p->address, p->port)) {
			fprintf(stderr, "azure-sim: cannot listen on %s:%u for %s: %s\n",
				p->address, p->port, listeners[i].name, strerror(errno));
			return 1;
		}
	}
	return 0;
}

/* In the background, the child goes on; the parent ends when the child has said so. */
static int go_ready(const struct settings *s)
{
	pid_t child = s->background ? fork() : 0;

	if (child < 0)
		return fail("fork", strerror(errno));
	if (child > 0) {
		printf("%ld\n", (long)child);
		exit(fflush(stdout) ? 1 : 0);
	}
	if (s->background) {
		if (setsid() < 0 || !freopen("/dev/null", "r", stdin) ||
			!freopen("/dev/null", "w", stdout))
			return 1;
	} else {
		puts("ready");
		(void)fflush(stdout);
	}
	return 0;
}

static int run(struct world *w, const struct settings *s)
{
	static struct server srv;
	struct rlimit files;
	char why[1024];

	w->state = s->state;
	srv.w = w;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	if (!token_start(w) || !tls_start(w, srv.ctx))
		return fail(s->state, "cannot make keys and certificates there");
	if (s->scenario ? !scenario_load_file(w, s->scenario, why, sizeof(why))
			: !scenario_load(w, "{}", why, sizeof(why)))
		return fail(s->scenario ? s->scenario : "no scenario", why);
	if (open_listeners(&srv, s))
		return 1;
	if (!write_env(w, s))
		return fail(s->state, strerror(errno));
	if (go_ready(s))
		return 1;
	server_run(&srv);
	_exit(0); /* threads may still be at work: nothing is taken away from under them
		   */
}

int main(int argc, char **argv)
{
	static struct world w = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct settings s = { .state = "/run/azure-sim" };
	int status;

	w.records_end = &w.records;
	for (unsigned i = 0; i < listener_count; i++) {
		s.places[i].port = listeners[i].port;
		if (!TEXT_COPY(s.places[i].address, listeners[i].address))
			return 1;
	}
	status = read_options(&s, argc, argv);
	if (status)
		return status - 1;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(022);
	if (mkdir(s.state, 0755) < 0 && errno != EEXIST)
		return fail(s.state, strerror(errno));
	return s.prepare ? prepare(&s) : run(&w, &s);
}
