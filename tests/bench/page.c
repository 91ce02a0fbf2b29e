/* A page that never changes, served as `mi-token serve` serves: what libmicrohttpd itself
 * costs.
 * SPDX-License-Identifier: MIT
 *
 * page SIZE: prints its port, and runs until its stdin ends. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *text;
static size_t size;

// NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's
static enum MHD_Result answer(void *arg, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *data, size_t *len,
	void **context)
{
	struct MHD_Response *rp;
	enum MHD_Result r;

	(void)arg;
	(void)url;
	(void)method;
	(void)version;
	(void)data;
	(void)len;
	if (!*context) {
		*context = text;
		return MHD_YES;
	}
	rp = MHD_create_response_from_buffer(size, text, MHD_RESPMEM_PERSISTENT);
	r = rp ? MHD_queue_response(c, MHD_HTTP_OK, rp) : MHD_NO;
	MHD_destroy_response(rp);
	return r;
}

int main(int argc, char **argv)
{
	struct MHD_Daemon *d;
	const union MHD_DaemonInfo *info;
	char end;

	size = argc > 1 ? strtoul(argv[1], NULL, 10) : 1800;
	text = malloc(size);
	if (!text)
		return 1;
	memset(text, 'x', size);
	d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
			MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL,
		0, NULL, NULL, answer, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)16384, MHD_OPTION_THREAD_STACK_SIZE, (size_t)512 * 1024,
		MHD_OPTION_END);
	info = d ? MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	if (!info)
		return 1;
	(void)printf("%u\n", info->port);
	(void)fflush(stdout);
	(void)!read(STDIN_FILENO, &end, 1);
	MHD_stop_daemon(d);
	free(text);
	return 0;
}
