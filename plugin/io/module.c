/* The library's own plug-ins: what only a cold path needs is loaded by it and not before.
 * SPDX-License-Identifier: MIT */
#include "io/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/text.h"

static enum mitok_code missing(const char *name, const char *why, struct mitok_err *e)
{
	(void)err_set(e, MITOK_E_CONF, "cannot load the module '%s': %s", name, why);
	return err_hint(e, MITOK_E_CONF,
		"reinstall mi-token: its library and the modules next to it must be of "
		"one version");
}

/* The file of the shared object that this is in. Only an absolute name is used: a relative
 * one means another file once the directory changed. "" when it is in the program. */
static const char *library_path(void)
{
	struct link_map *map = NULL;
	Dl_info info;

	if (!dladdr1((const void *)&module_find, &info, (void **)&map, RTLD_DL_LINKMAP) ||
		!map)
		return "";
	return map->l_name;
}

static bool exists_in(const char *dir, const char *below, const char *name, char *ret)
{
	int n = snprintf(ret, PATH_MAX, "%s/%s%s.so", dir, below, name);

	return n > 0 && n < PATH_MAX && access(ret, F_OK) == 0;
}

/* From the folder of a program or shared object in its build tree or prefix. The kernel
 * takes the `..`, so a link to the folder does not lead elsewhere. */
static const char *way_from(const char *folder, bool is_library)
{
	if (is_library)
		return text_ends_nocase(folder, "/ossl-modules") ? "../mi-token/"
								 : "mi-token/";
	return text_ends_nocase(folder, "/libexec/mi-token") ? "../../lib/mi-token/"
							     : "../lib/mi-token/";
}

/* Where the module is: next to the library or the provider, or as a program has it in its
 * build tree or prefix, or where `make install` put it. Never by argv[0], which is what the
 * caller likes; and a set-uid program may lie behind anybody's hard link. */
static const char *find_file(const char *name, char ret[PATH_MAX])
{
	const char *library = library_path();
	char self[PATH_MAX];
	ssize_t n;

	if (library[0] && library[0] != '/')
		return "the library itself was loaded by a relative path";
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = '\0';
	if (library[0] && !text_copy(self, sizeof(self), library))
		return "its path is too long";
	if (strrchr(self, '/') && (library[0] || !getauxval(AT_SECURE))) {
		*strrchr(self, '/') = '\0';
		if (exists_in(self, way_from(self, library[0]), name, ret))
			return NULL;
	}
	return exists_in(MI_TOKEN_MODULES, "", name, ret) ? NULL
							  : "there is no such file";
}

const struct module *module_find(const char *name, struct mitok_err *e)
{
	char path[PATH_MAX] = "", symbol[64];
	const char *why = find_file(name, path);
	const struct module *m;
	void *handle;

	if (why) {
		(void)missing(path[0] ? path : name, why, e);
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
