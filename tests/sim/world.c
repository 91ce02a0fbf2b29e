/* Starting anew.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "record.h"
#include "token.h"

void count_named(struct world *w, const char *name, const char *what)
{
	char whole[sizeof(w->named->name)];
	unsigned i = 0;

	if (snprintf(whole, sizeof(whole), "%s%s%s", name, what ? "-" : "",
		    what ? what : "") >= (int)sizeof(whole))
		return;
	while (i < w->named_count && strcmp(w->named[i].name, whole) != 0)
		i++;
	if (i == w->named_count) {
		if (i == NAMED_MAX)
			return;
		memcpy(w->named[i].name, whole, sizeof(whole));
		w->named[i].n = 0;
		w->named_count++;
	}
	w->named[i].n++;
}

unsigned count_of_named(const struct world *w, const char *name)
{
	for (unsigned i = 0; i < w->named_count; i++)
		if (strcmp(w->named[i].name, name) == 0)
			return w->named[i].n;
	return 0;
}

void world_reset(struct world *w)
{
	record_clear(w);
	faults_reset(w);
	token_forget(w);
	w->tokens_issued = 0;
	for (unsigned i = 0; i < service_count; i++)
		w->counts[i] = (struct service_count){ .active = w->counts[i].active };
	memset(w->connections, 0, sizeof(w->connections));
	w->handshakes = 0;
	w->resumed = 0;
	w->named_count = 0;
	w->faults_played = 0;
	memset(w->challenges, 0, sizeof(w->challenges));
}
