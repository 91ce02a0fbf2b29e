/* Runs a command where 169.254.169.254 and Azure's host names are the simulator's, and
 * from where nothing can leave the machine. SPDX-License-Identifier: MIT */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOSTS_MAX 32

extern char **environ;

struct settings {
	const char *scenario; /* NULL: no simulator */
	const char *imds;
	const char *hosts[HOSTS_MAX];
	int host_count;
	char **command;
	char sim[PATH_MAX]; /* azure-sim, beside us */
};

static const char usage[] =
	"usage: tests/netns [OPTION]... [--] COMMAND [ARGUMENT]...\n"
	"Runs COMMAND in namespaces of its own: only the loopback interface, Azure's "
	"host\n"
	"names in /etc/hosts, a test CA, own /run, /etc/mi-token, /var/opt, "
	"/opt/azcmagent.\n"
	"\n"
	"  -s, --sim SCENARIO  start azure-sim with it, and set its variables\n"
	"  -i, --imds STATE    169.254.169.254 is: up (default), absent, prohibit,\n"
	"                      unreachable, blackhole\n"
	"  -H, --host NAME     one more name for 127.0.0.1\n"
	"  -h, --help          this text\n"
	"\n"
	"Exit status: COMMAND's, 128 + its signal, or 77 where namespaces are not "
	"allowed.\n";

void die(int status, const char *what)
{
	fprintf(stderr,
		status == 77 ? "netns: skipped, namespaces are not allowed here: %s: %s\n"
			     : "netns: %s: %s\n",
		what, strerror(errno));
	_exit(status);
}

static void wrong_usage(void)
{
	fprintf(stderr, "netns: wrong usage; see tests/netns --help\n");
	exit(2);
}

static void read_options(struct settings *s, int argc, char **argv)
{
	static const struct option options[] = { { "sim", required_argument, NULL, 's' },
		{ "imds", required_argument, NULL, 'i' },
		{ "host", required_argument, NULL, 'H' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };

	for (int c; (c = getopt_long(argc, argv, "+s:i:H:h", options, NULL)) != -1;) {
		if (c == 's')
			s->scenario = optarg;
		else if (c == 'i' && net_knows(optarg) >= 0)
			s->imds = optarg;
		else if (c == 'H' && s->host_count < HOSTS_MAX)
			s->hosts[s->host_count++] = optarg;
		else if (c == 'h')
			exit(fputs(usage, stdout) < 0);
		else
			wrong_usage();
	}
	s->command = argv + optind;
	if (!*s->command)
		wrong_usage();
}

static void find_simulator(struct settings *s)
{
	ssize_t len = readlink("/proc/self/exe", s->sim, sizeof(s->sim) - 16);
	char *slash;

	if (len < 0)
		die(1, "/proc/self/exe");
	s->sim[len] = '\0';
	slash = strrchr(s->sim, '/');
	memcpy(slash, "/azure-sim", sizeof("/azure-sim"));
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(77, path);
	(void)close(fd);
}

/* Everyone stays who he is: the command of an ordinary user has no rights inside either.
 */
static void enter(void)
{
	int flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC;
	unsigned uid = geteuid(), gid = getegid();
	char map[64];

	if (uid == 0 && unshare(flags) == 0)
		return;
	if (unshare(flags | CLONE_NEWUSER) < 0)
		die(77, "unshare");
	put("/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	put("/proc/self/uid_map", map);
	(void)snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	put("/proc/self/gid_map", map);
}

static int status_of(int wait_status)
{
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status)
				      : 128 + WTERMSIG(wait_status);
}

/* As process 1 all orphans come to us, too. */
static int wait_for(pid_t child)
{
	int status;

	for (;;) {
		pid_t pid = waitpid(-1, &status, 0);

		if (pid == child)
			return status_of(status);
		if (pid < 0 && errno != EINTR)
			die(1, "wait");
	}
}

static pid_t start(const char *const argv[], bool quiet)
{
	pid_t child = fork();

	if (child < 0)
		die(1, "fork");
	if (child > 0)
		return child;
	if (quiet) {
		int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

		if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
			die(1, "/dev/null");
	}
	execvp(argv[0], (char *const *)(uintptr_t)argv); /* it writes nothing there */
	fprintf(stderr, "netns: cannot run '%s': %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void run_simulator(const char *const argv[])
{
	int status = wait_for(start(argv, true));

	if (status) {
		fprintf(stderr, "netns: azure-sim ended with status %d\n", status);
		exit(1);
	}
}

/* NAME=VALUE lines into the environment. */
static void read_env(void)
{
	FILE *f = fopen(STATE "/env", "re");
	char line[1024];

	if (!f)
		die(1, STATE "/env");
	while (fgets(line, sizeof(line), f)) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value++ = '\0';
		value[strcspn(value, "\n")] = '\0';
		if (setenv(line, value, 1) < 0)
			die(1, "setenv");
	}
	(void)fclose(f);
}

static bool is_strange(const char *variable)
{
	static const char *const starts[] = { "AZURE_", "ARM_", "IDENTITY_", "IMDS_",
		"MSI_", "MI_TOKEN_", "XDG_", "DEFAULT_IDENTITY_", "SSL_CERT_", "CURL_",
		"http_proxy=", "https_proxy=", "all_proxy=", "no_proxy=", "HTTP_PROXY=",
		"HTTPS_PROXY=", "ALL_PROXY=", "NO_PROXY=", "REGION_NAME=", "SIM_" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (strncmp(variable, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* What the caller's environment says about identities and proxies stays outside. */
static void clean_environment(void)
{
	char runtime[64], name[256];

	for (char **at = environ; *at;) {
		size_t len = strcspn(*at, "=");

		if (!is_strange(*at) || len >= sizeof(name)) {
			at++;
			continue;
		}
		memcpy(name, *at, len);
		name[len] = '\0';
		if (unsetenv(name) < 0)
			die(1, "unsetenv");
		at = environ;
	}
	(void)snprintf(runtime, sizeof(runtime), "/run/user/%u", (unsigned)geteuid());
	if (setenv("HOME", "/run/home", 1) < 0 ||
		setenv("XDG_RUNTIME_DIR", runtime, 1) < 0 ||
		setenv("SIM_STATE", STATE, 1) < 0)
		die(1, "setenv");
}

static int run(struct settings *s)
{
	const char *prepare[] = { s->sim, "--prepare", "--state", STATE, NULL };
	const char *background[] = { s->sim, "--background", "--state", STATE,
		"--scenario", s->scenario, NULL };

	files_start();
	net_start(s->imds);
	run_simulator(prepare);
	files_etc(s->hosts, s->host_count);
	clean_environment();
	if (s->scenario) {
		run_simulator(background);
		read_env();
	}
	return wait_for(start((const char *const *)s->command, false));
}

int main(int argc, char **argv)
{
	struct settings s = { .imds = "up" };
	pid_t child;

	read_options(&s, argc, argv);
	find_simulator(&s);
	enter();
	child = fork();
	if (child < 0)
		die(77, "fork");
	if (child > 0)
		_exit(wait_for(
			child)); /* a leak checker could start no thread any more */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		die(1, "prctl");
	return run(&s);
}
