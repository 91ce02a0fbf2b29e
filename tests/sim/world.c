/* Starting anew.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include <string.h>

#include "fault.h"
#include "record.h"
#include "token.h"

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
	w->faults_played = 0;
	memset(w->challenges, 0, sizeof(w->challenges));
}
