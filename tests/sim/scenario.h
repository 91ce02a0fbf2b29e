/* Scenarios: the machine, its identities and what goes wrong, from JSON.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_SCENARIO_H
#define MI_TOKEN_TESTS_SIM_SCENARIO_H

#include "world.h"

/* Takes the scenario in text over; false with the reason in why, and nothing changed. */
bool scenario_load(struct world *w, const char *text, char *why, size_t why_size);
bool scenario_load_file(struct world *w, const char *path, char *why, size_t why_size);

/* The member "part"."name" (part NULL: at the top), else what is given last. */
const char *scenario_text(
	const struct world *w, const char *part, const char *name, const char *otherwise);
int64_t scenario_number(
	const struct world *w, const char *part, const char *name, int64_t otherwise);
struct json_object *scenario_get(
	const struct world *w, const char *part, const char *name);

/* A member of a JSON object, NULL when there is none or it is no text. */
const char *json_text(struct json_object *o, const char *name);

/* Walks over the members of an object (of NULL: over none). */
struct json_walk {
	struct json_object_iterator at, end;
	const char *name;
	struct json_object *value;
};
struct json_walk json_walk(struct json_object *o);
bool json_next(struct json_walk *m);

const char *scenario_tenant(const struct world *w);
/* Entra knows this resource (with or without a slash at the end). */
bool scenario_knows_resource(const struct world *w, const char *resource);

/* How a request may name an identity. */
struct selector {
	const char *client_id, *object_id, *resource_id; /* NULL: not given */
};

/* The identity with these ids, NULL when none is assigned. */
const struct identity *scenario_select(const struct world *w, const struct selector *s);

#endif
