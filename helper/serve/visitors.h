/* Who is connected, and until when: slow ones and strangers are shown out.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_SERVE_VISITORS_H
#define MI_TOKEN_HELPER_SERVE_VISITORS_H

#include <stdbool.h>

/* One connection. */
struct visitor;

/* The most connections at once, and of them those of other users, who are only told no. */
#define VISITORS_MAX  128
#define STRANGERS_MAX 8

/* How long a request may take to arrive, an answer to be fetched and sent, and a connection
 * to be idle. */
#define ARRIVAL_MS    5000
#define ANSWER_MS     60000
#define IDLE_MS       60000

/* Any thread may call these. NULL: memory is out, or too many strangers are here. */
struct visitor *visitors_enter(int fd, bool is_stranger);
bool visitors_is_stranger(const struct visitor *v);
/* Gives it so long from now on. */
void visitors_extend(struct visitor *v, int ms);
void visitors_leave(struct visitor *v);

/* Shuts down the connections whose time is over; the milliseconds until it has to be called
 * again, -1 when nobody is there. */
int visitors_sweep(void);
/* A descriptor that can be read when somebody enters after nobody was there; sweeping
 * empties it. -1: out of descriptors. */
int visitors_bell(void);

#endif
