/* The library's own plug-ins: what only a cold path needs is loaded by it and not before.
 * SPDX-License-Identifier: MIT */
#include "io/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static enum mitok_code missing(const char *name, const char *why, struct mitok_err *e)
{
	(void)err_set(e, MITOK_E_CONF, "cannot load the module '%s': %s", name, why);
	return err_hint(e, MITOK_E_CONF,
		"reinstall mi-token: its library and the modules next to it must be of "
		"one version");
}

/* The file this code was loaded from. Only an absolute name is used: argv[0] is what the
 * caller likes, and a relative name means another file once the directory changed. */
static const char *own_path(char ret[PATH_MAX])
{
	struct link_map *map = NULL;
	Dl_info info;
	ssize_t n;

	if (!dladdr1((const void *)&module_find, &info, (void **)&map, RTLD_DL_LINKMAP) ||
		!map)
		return "the library cannot find itself";
	if (map->l_name[0] == '/')
		return text_copy(ret, PATH_MAX, map->l_name) ? NULL
							     : "its path is too long";
	if (map->l_name[0])
		return "the library itself was loaded by a relative path";
	n = readlink("/proc/self/exe", ret, PATH_MAX - 1);
	if (n <= 0)
		return "/proc/self/exe cannot be read";
	ret[n] = '\0';
	return NULL;
}

const struct module *module_find(const char *name, struct mitok_err *e)
{
	char self[PATH_MAX], path[PATH_MAX + 64], symbol[64];
	const char *why = own_path(self);
	const struct module *m;
	void *handle;
	int n;

	if (why) {
		(void)missing(name, why, e);
		return NULL;
	}
	*strrchr(self, '/') = '\0';
	n = snprintf(path, sizeof(path), "%s/mi-token/%s.so", self, name);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		(void)missing(name, "its path is too long", e);
		return NULL;
	}
	/* No handle is kept or closed: the loader knows what is loaded already. */
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!handle) {
		why = dlerror();
		(void)missing(name, why ? why : path, e);
		return NULL;
	}
	(void)snprintf(symbol, sizeof(symbol), "mitok_module_%s", name);
	m = dlsym(handle, symbol);
	if (!m || m->abi != MODULE_ABI) {
		(void)missing(path, "it is of another version than the library", e);
		return NULL;
	}
	return m;
}
