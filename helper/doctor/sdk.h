/* What DefaultAzureCredential of Microsoft's SDKs would pick, by the environment.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_DOCTOR_SDK_H
#define MI_TOKEN_HELPER_DOCTOR_SDK_H

#include <stdbool.h>

enum sdk {
	SDK_GO,
	SDK_PYTHON,
	SDK_NET,
	SDK_JS,
	SDK_CPP,
	SDK_COUNT,
};
extern const char *const sdk_names[SDK_COUNT];

/* The outside, so that tests can be another machine. */
struct sdk_world {
	/* A variable's value, "" when it is set and empty, NULL when it is not set. */
	const char *(*env)(const void *arg, const char *name);
	const void *arg;
	bool has_himds; /* the Azure Arc agent's program is there */
};

/* All texts are static but client_id, which is the variable's. */
struct sdk_pick {
	const char *credential; /* "ManagedIdentityCredential"; NULL: none, see error */
	const char *source;     /* whom that asks, as mi-token calls it; NULL: nobody that
				 * it knows */
	const char *
		client_id; /* of the identity that it asks for, by AZURE_CLIENT_ID; or NULL */
	const char *because; /* the variables that decided, or "" */
	const char *error;   /* it fails before anybody is asked; or NULL */
};

/* The first credential of the chain that is available where the metadata service answers
 * (azidentity for Go, azure-identity for Python, .NET, JavaScript and C++). */
void sdk_pick(enum sdk sdk, const struct sdk_world *w, struct sdk_pick *ret);

#endif
