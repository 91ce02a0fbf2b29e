/* Reads strict JSON on stdin and prints each value with its path, for scripts to compare.
 * SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static char input[1 << 20];

/* One line `path=text` for each value; members' names are joined by dots. */
static void print(struct json_object *o, const char *path)
{
	char below[1024];

	if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, name, value)
		{
			(void)snprintf(below, sizeof(below), "%s%s%s", path,
				*path ? "." : "", name);
			print(value, below);
		}
	} else if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++) {
			(void)snprintf(below, sizeof(below), "%s%s%zu", path,
				*path ? "." : "", i);
			print(json_object_array_get_idx(o, i), below);
		}
	} else {
		printf("%s=%s\n", path, o ? json_object_get_string(o) : "null");
	}
}

int main(void)
{
	size_t len = fread(input, 1, sizeof(input) - 1, stdin), end;
	struct json_tokener *t = json_tokener_new();
	struct json_object *o;

	if (!t)
		return 1;
	json_tokener_set_flags(t, JSON_TOKENER_STRICT);
	o = json_tokener_parse_ex(t, input, (int)len);
	end = json_tokener_get_parse_end(t);
	end += strspn(input + end, " \n");
	if (json_tokener_get_error(t) != json_tokener_success || end != len) {
		fprintf(stderr, "no JSON at byte %zu of %zu\n", end, len);
		return 1;
	}
	print(o, "");
	json_object_put(o);
	json_tokener_free(t);
	return 0;
}
