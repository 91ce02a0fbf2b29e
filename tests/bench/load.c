/* Loads an HTTP server on 127.0.0.1 over connections that stay open.
 * SPDX-License-Identifier: MIT
 *
 * load PORT CONNECTIONS MILLISECONDS TARGET [HEADER]: prints
 *
 *	<requests per second> <median, us> <99 of 100 are faster than, us>
 *
 * Each answer must have the status 200 and a Content-Length; anything else ends it with
 * status 1. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TIMES_MAX 400000

static char request[2048];
static size_t request_len;
static unsigned port;
static double end_us;

/* One connection, and what its requests took. */
struct worker {
	pthread_t thread;
	float *times;
	size_t count;
	int failed;
};

static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Reads one answer; 0 when it was a good one. */
static int read_answer(int fd)
{
	char buffer[8192];
	size_t have = 0, want = sizeof(buffer);

	while (have < want) {
		ssize_t n = recv(fd, buffer + have, sizeof(buffer) - 1 - have, 0);
		const char *body, *length;

		if (n <= 0)
			return -1;
		have += (size_t)n;
		buffer[have] = '\0';
		body = strstr(buffer, "\r\n\r\n");
		length = strstr(buffer, "Content-Length: ");
		if (body && !length)
			return -1;
		if (body)
			want = (size_t)(body + 4 - buffer) +
				strtoul(length + 16, NULL, 10);
		if (want > sizeof(buffer))
			return -1;
	}
	return strncmp(buffer, "HTTP/1.1 200 ", 13) == 0 ? 0 : -1;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	w->failed = connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0;
	while (!w->failed && w->count < TIMES_MAX) {
		double start = now_us();

		if (start >= end_us)
			break;
		w->failed = send(fd, request, request_len, MSG_NOSIGNAL) !=
				(ssize_t)request_len ||
			read_answer(fd) != 0;
		w->times[w->count++] = (float)(now_us() - start);
	}
	(void)close(fd);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static int report(struct worker *w, size_t workers, double seconds)
{
	float *all = NULL;
	size_t count = 0;

	for (size_t i = 0; i < workers; i++)
		count += w[i].count;
	all = count ? malloc(count * sizeof(*all)) : NULL;
	if (!all)
		return 1;
	count = 0;
	for (size_t i = 0; i < workers; i++) {
		memcpy(all + count, w[i].times, w[i].count * sizeof(*all));
		count += w[i].count;
	}
	qsort(all, count, sizeof(*all), compare);
	(void)printf("%.0f %.0f %.0f\n", (double)count / seconds, (double)all[count / 2],
		(double)all[count * 99 / 100]);
	free(all);
	return 0;
}

int main(int argc, char **argv)
{
	struct worker workers[64] = { { .count = 0 } };
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	double start;
	int failed = 0;

	if (argc < 5 || n < 1 || n > 64)
		return 2;
	port = (unsigned)strtoul(argv[1], NULL, 10);
	request_len = (size_t)snprintf(request, sizeof(request),
		"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s%s\r\n", argv[4], port,
		argc > 5 ? argv[5] : "", argc > 5 ? "\r\n" : "");
	start = now_us();
	end_us = start + strtod(argv[3], NULL) * 1e3;
	for (size_t i = 0; i < n; i++) {
		workers[i].times = malloc(TIMES_MAX * sizeof(*workers[i].times));
		if (!workers[i].times ||
			pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 1;
	}
	for (size_t i = 0; i < n; i++) {
		(void)pthread_join(workers[i].thread, NULL);
		failed |= workers[i].failed;
	}
	return failed ? 1 : report(workers, n, (now_us() - start) / 1e6);
}
