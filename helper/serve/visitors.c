/* Who is connected, and until when: slow ones and strangers are shown out.
 *
 * libmicrohttpd's own time-out begins anew with each byte; this one does not.
 * SPDX-License-Identifier: MIT */
#include "visitors.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

struct visitor {
	int fd;
	bool is_stranger;
	int64_t until_ms; /* of the clock that only advances */
	struct visitor *next, **place;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct visitor *all;
static unsigned strangers;
static int bell = -1;

int visitors_bell(void)
{
	if (bell < 0)
		bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return bell;
}

struct visitor *visitors_enter(int fd, bool is_stranger)
{
	const uint64_t one = 1;
	struct visitor *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	*v = (struct visitor){ .fd = fd, .is_stranger = is_stranger, .place = &all };
	v->until_ms = clock_now().boot_ms + ARRIVAL_MS;
	(void)pthread_mutex_lock(&lock);
	if (is_stranger && strangers == STRANGERS_MAX) {
		(void)pthread_mutex_unlock(&lock);
		free(v);
		return NULL;
	}
	strangers += is_stranger;
	if (!all && bell >= 0)
		(void)!write(bell, &one, sizeof(one));
	v->next = all;
	if (all)
		all->place = &v->next;
	all = v;
	(void)pthread_mutex_unlock(&lock);
	return v;
}

bool visitors_is_stranger(const struct visitor *v)
{
	return v->is_stranger;
}

void visitors_extend(struct visitor *v, int ms)
{
	int64_t now = clock_now().boot_ms;

	(void)pthread_mutex_lock(&lock);
	v->until_ms = now + (v->is_stranger ? ARRIVAL_MS / 5 : ms);
	(void)pthread_mutex_unlock(&lock);
}

void visitors_leave(struct visitor *v)
{
	if (!v)
		return;
	(void)pthread_mutex_lock(&lock);
	*v->place = v->next;
	if (v->next)
		v->next->place = v->place;
	strangers -= v->is_stranger;
	(void)pthread_mutex_unlock(&lock);
	free(v);
}

int visitors_sweep(void)
{
	int64_t now = clock_now().boot_ms;
	int64_t wait = INT32_MAX;
	uint64_t count;

	(void)pthread_mutex_lock(&lock);
	if (bell >= 0)
		(void)!read(bell, &count, sizeof(count));
	for (struct visitor *v = all; v; v = v->next) {
		if (v->until_ms <= now) { /* its thread sees the end, and closes */
			(void)shutdown(v->fd, SHUT_RDWR);
			v->until_ms = now + ARRIVAL_MS;
		}
		if (v->until_ms - now < wait)
			wait = v->until_ms - now;
	}
	wait = all ? wait : -1;
	(void)pthread_mutex_unlock(&lock);
	/* Others may come with less time, so not for longer than a request takes. */
	return wait > ARRIVAL_MS / 5 ? ARRIVAL_MS / 5 : (int)wait;
}
