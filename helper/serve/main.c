/* mi-token serve: an endpoint that speaks as the platforms' do.
 * SPDX-License-Identifier: MIT */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../exec/lifeline.h"
#include "../flags.h"
#include "../process.h"
#include "options.h"
#include "server.h"
#include "variables.h"

/* What is kept for as long as the server runs. */
struct service {
	struct server server;
	struct listener listener;
	char secret[SECRET_SIZE];
	char *identity;
	char *resources[FLAG_LIST_MAX + 1];
};

/* One row of mitok_choice_each(). */
struct wanted {
	const char *name;
	char *ret;
};

static void keep_choice(
	void *arg, const char *name, const char *value, const char *origin)
{
	struct wanted *w = arg;

	(void)origin;
	if (strcmp(name, w->name) == 0 && !w->ret)
		w->ret = strdup(value);
}

/* The identity as the library understands it, so that it can be compared. */
static enum mitok_code limit_identity(
	struct service *v, const char *identity, struct mitok_err *e)
{
	const struct mitok_request rq = { .size = sizeof(rq),
		.resource = "https://management.azure.com/",
		.identity = identity };
	struct wanted w = { "identity", NULL };
	enum mitok_code r = mitok_choice_each(v->server.m, &rq, keep_choice, &w, e);

	v->identity = w.ret;
	if (r)
		return r;
	v->server.door.identity = v->identity;
	return v->identity ? MITOK_OK : err_memory(e);
}

/* A resource stands for itself, a word for what it is the alias of. */
static enum mitok_code limit_resource(
	struct service *v, const char *resource, char **ret, struct mitok_err *e)
{
	const struct mitok_request rq = { .size = sizeof(rq), .target = resource };
	struct wanted w = { "resource", NULL };
	enum mitok_code r = MITOK_OK;

	if (strstr(resource, "://") || text_is_guid(resource))
		w.ret = strdup(resource);
	else
		r = mitok_choice_each(v->server.m, &rq, keep_choice, &w, e);
	*ret = w.ret;
	if (r)
		return err_within(e, r, "--allow");
	return w.ret ? MITOK_OK : err_memory(e);
}

static enum mitok_code find_user(const char *name, uid_t *ret, struct mitok_err *e)
{
	const struct passwd *p;
	int64_t n;

	if (text_to_number(name, 0, UINT32_MAX - 1, &n)) {
		*ret = (uid_t)n;
		return MITOK_OK;
	}
	p = getpwnam(name);
	if (!p)
		return err_set(e, MITOK_E_ARG, "there is no user '%s'", name);
	*ret = p->pw_uid;
	return MITOK_OK;
}

static enum mitok_code limit(
	struct service *v, const struct options *o, struct mitok_err *e)
{
	struct server *s = &v->server;
	enum mitok_code r = o->identity ? limit_identity(v, o->identity, e) : MITOK_OK;

	for (unsigned i = 0; i < o->allow.count && !r; i++)
		r = limit_resource(v, o->allow.values[i], &v->resources[i], e);
	if (o->allow.count)
		s->door.resources = (const char *const *)v->resources;
	s->users[s->users_count++] = geteuid();
	s->users[s->users_count++] = 0;
	for (unsigned i = 0; i < o->users.count && !r; i++) {
		if (s->users_count == USERS_MAX)
			return err_set(e, MITOK_E_ARG, "too many users");
		r = find_user(o->users.values[i], &s->users[s->users_count++], e);
	}
	return r;
}

static enum mitok_code open_door(
	struct service *v, const struct options *o, struct mitok_err *e)
{
	struct listener *l = &v->listener;
	struct door *d = &v->server.door;
	enum mitok_code r = listen_given(l, e);

	if (!r && l->fd < 0)
		r = o->path ? listen_unix(o->path, o->users.count > 0, l, e)
			    : listen_tcp(o->port, l, e);
	if (r)
		return r;
	d->port = l->port;
	d->imds = o->imds || !l->port;
	/* Who may connect is said by the mode that systemd gives the socket. */
	v->server.any_user = l->is_given && !l->port && !o->users.count;
	if (!l->port)
		return MITOK_OK;
	if (!variables_secret(v->secret))
		return err_set(e, MITOK_E_BUG, "the kernel has no random numbers");
	d->secret = v->secret;
	return MITOK_OK;
}

static enum mitok_code tell_variables(const struct service *v, struct mitok_err *e)
{
	AUTO_SECRET lines = { 0 };

	if (!v->listener.port || v->listener.is_given)
		return MITOK_OK;
	if (!variables_add(v->listener.port, v->secret, v->server.door.imds, &lines))
		return err_memory(e);
	return process_print(secret_peek(&lines), lines.len, e);
}

/* The variables are told when the socket listens; who connects before the server runs has
 * to wait no longer than that. *ret_is_parent: the server is another process. */
static enum mitok_code go_to_background(
	const struct service *v, int lifeline, bool *ret_is_parent, struct mitok_err *e)
{
	pid_t child = -1;

	*ret_is_parent = true;
	if (lifeline < 0) {
		*ret_is_parent = false;
		return tell_variables(v, e);
	}
	child = fork();
	if (child < 0)
		return err_set(e, MITOK_E_LATER, "cannot start a process");
	*ret_is_parent = child != 0;
	if (child)
		return tell_variables(v, e);
	lifeline_detach(false);
	return MITOK_OK;
}

static enum mitok_code serve(
	struct service *v, const struct options *o, struct mitok_err *e)
{
	const struct mitok_options settings = { .size = sizeof(settings),
		.log = o->verbose ? process_log : NULL,
		.own_process = 1 };
	bool is_parent = false;
	enum mitok_code r = mitok_new(&settings, &v->server.m, e);

	v->server.verbose = o->verbose;
	if (!r)
		r = limit(v, o, e);
	if (!r)
		r = open_door(v, o, e);
	if (!r)
		r = go_to_background(v, o->lifeline, &is_parent, e);
	if (!r && !is_parent)
		r = server_run(&v->server, &v->listener, o->lifeline, e);
	if (is_parent)
		v->listener.path = NULL; /* it is the child's */
	listen_close(&v->listener);
	return r;
}

static void clear(struct service *v)
{
	mitok_free(v->server.m);
	free(v->identity);
	for (size_t i = 0; i < FLAG_LIST_MAX; i++)
		free(v->resources[i]);
	explicit_bzero(v->secret, sizeof(v->secret));
}

int main(int argc, char **argv)
{
	struct service v = { .listener = { .fd = -1 } };
	struct options o = { .lifeline = -1 };
	struct mitok_err e = { .code = MITOK_OK };
	enum mitok_code r;

	process_harden();
	r = options_parse(argc, argv, &o, &e);
	if (!r && o.help) {
		r = options_help(&e);
	} else if (!r && o.version) {
		r = process_print_version("mi-token", &e);
	} else if (!r) {
		lifeline_close_others(o.lifeline, secure_getenv("LISTEN_FDS") ? 3 : -1);
		r = serve(&v, &o, &e);
	}
	if (r)
		process_print_error(flags_wants_json(o.error_format), &e);
	if (v.server.is_busy)
		_exit((int)r);
	clear(&v);
	return (int)r;
}
