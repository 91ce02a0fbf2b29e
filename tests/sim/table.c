/* Where the simulator listens, and who answers what.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "http.h"
#include "oauth.h"
#include "world.h"

// clang-format off
/* The ports are those of the real agents where they are fixed, and of Microsoft's examples
 * where they are not. */
const struct listener listeners[] = {
	{ "control",     "127.0.0.1",        8099, TLS_NONE  },
	{ "imds",        "169.254.169.254",    80, TLS_NONE  },
	{ "app-service", "127.0.0.1",       41013, TLS_NONE  },
	{ "ml",          "127.0.0.1",       46808, TLS_NONE  },
	{ "cloud-shell", "127.0.0.1",       50342, TLS_NONE  },
	{ "arc",         "127.0.0.1",       40342, TLS_NONE  },
	{ "fabric",      "127.0.0.1",        2377, TLS_SELF  },
	{ "azure",       "127.0.0.1",         443, TLS_AZURE },
	{ "aks-proxy",   "127.0.0.1",        6443, TLS_PROXY },
};

#define LOGIN "login.microsoftonline.com login.windows.net login.microsoft.com " \
	"login.microsoftonline.us login.chinacloudapi.cn login.partner.microsoftonline.cn"
#define STORAGE(label) "*." label ".core.windows.net *." label ".core.usgovcloudapi.net " \
	"*." label ".core.chinacloudapi.cn"
#define REPOS "dev.azure.com *.visualstudio.com"
#define FEEDS "pkgs.dev.azure.com *.pkgs.visualstudio.com"
#define ARM "management.azure.com management.usgovcloudapi.net management.chinacloudapi.cn"
#define GRAPH "graph.microsoft.com graph.microsoft.us microsoftgraph.chinacloudapi.cn"
#define HSMS "*.managedhsm.azure.net *.managedhsm.usgovcloudapi.net " \
	"*.managedhsm.chinacloudapi.cn"
#define VAULTS "*.vault.azure.net *.vault.usgovcloudapi.net *.vault.azure.cn"
#define BUSES "*.servicebus.windows.net *.servicebus.usgovcloudapi.net " \
	"*.servicebus.chinacloudapi.cn"
#define COSMOS "*.documents.azure.com *.documents.azure.us *.documents.azure.cn"
#define STORES "*.azconfig.io *.azconfig.azure.us *.azconfig.azure.cn"
#define APIS "*.contoso.example"
#define REGISTRIES "*.azurecr.io *.azurecr.us *.azurecr.cn"

/* Of rows with the same listener and host the more special path stands first. */
const struct service services[] = {
	{ "control",     "control",     NULL,  "/",          control_handle    },
	{ "imds",        "imds",        NULL,  "/",          imds_handle       },
	{ "app-service", "app-service", NULL,  "/msi/token", appservice_handle },
	{ "ml",          "ml",          NULL,  "/msi/auth",  ml_handle         },
	{ "cloud-shell", "cloud-shell", NULL,  "/",          cloudshell_handle },
	{ "arc",         "arc",         NULL,  "/",          arc_handle        },
	{ "fabric",      "fabric",      NULL,  "/",          fabric_handle     },
	{ "entra",       "azure",       LOGIN, "/",          entra_handle      },
	{ "storage",     "azure",       STORAGE("blob"), "/",  storage_handle  },
	{ "queue",       "azure",       STORAGE("queue"), "/", storage_handle  },
	{ "table",       "azure",       STORAGE("table"), "/", storage_handle  },
	{ "file",        "azure",       STORAGE("file"), "/",  storage_handle  },
	{ "dfs",         "azure",       STORAGE("dfs"), "/",   storage_handle  },
	{ "servicebus",  "azure",       BUSES, "/",          servicebus_handle },
	{ "cosmos",      "azure",       COSMOS, "/",         cosmos_handle     },
	{ "appconfig",   "azure",       STORES, "/",         appconfig_handle  },
	{ "api",         "azure",       APIS,  "/",          api_handle        },
	{ "repos",       "azure",       REPOS, "/",          repos_handle      },
	{ "artifacts",   "azure",       FEEDS, "/",          artifacts_handle  },
	{ "arm",         "azure",       ARM,   "/",          arm_handle        },
	{ "graph",       "azure",       GRAPH, "/",          graph_handle      },
	{ "vault",       "azure",       VAULTS, "/",         vault_handle      },
	{ "hsm",         "azure",       HSMS,  "/",          vault_handle      },
	{ "acr",         "azure",       REGISTRIES, "/",     acr_handle        },
	{ "aks-proxy",   "aks-proxy",   NULL,  "/proxy/",    proxy_handle      },
};
// clang-format on

const unsigned listener_count = sizeof(listeners) / sizeof(*listeners);
const unsigned service_count = sizeof(services) / sizeof(*services);
_Static_assert(sizeof(listeners) / sizeof(*listeners) <= LISTENERS_MAX, "more room");
_Static_assert(sizeof(services) / sizeof(*services) <= SERVICES_MAX, "more room");

int listener_find(const char *name)
{
	for (unsigned i = 0; i < listener_count; i++)
		if (strcmp(listeners[i].name, name) == 0)
			return (int)i;
	return -1;
}

int service_find(const char *name)
{
	for (unsigned i = 0; i < service_count; i++)
		if (strcmp(services[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* "*.a.b" fits "x.a.b" and nothing deeper. */
static bool host_fits(const char *pattern, size_t len, const char *host)
{
	char want[256];

	if (len >= sizeof(want))
		return false;
	memcpy(want, pattern, len);
	want[len] = '\0';
	if (want[0] != '*')
		return text_equal_nocase(want, host);
	host = strchr(host, '.');
	return host && text_equal_nocase(want + 1, host);
}

static bool hosts_fit(const char *patterns, const char *host_header)
{
	char host[256];

	if (!TEXT_COPY(host, host_header))
		return false;
	host[strcspn(host, ":")] = '\0';
	while (*patterns) {
		size_t len = strcspn(patterns, " ");

		if (host_fits(patterns, len, host))
			return true;
		patterns += len;
		patterns += strspn(patterns, " ");
	}
	return false;
}

const struct service *service_of_host(const struct listener *l, const char *host)
{
	for (unsigned i = 0; i < service_count; i++)
		if (strcmp(services[i].listener, l->name) == 0 && services[i].hosts &&
			hosts_fit(services[i].hosts, host))
			return &services[i];
	return NULL;
}

const struct service *service_for(const struct request *rq)
{
	for (unsigned i = 0; i < service_count; i++) {
		const struct service *s = &services[i];

		if (strcmp(s->listener, rq->listener->name) == 0 &&
			text_starts_nocase(rq->path, s->prefix) &&
			(!s->hosts || hosts_fit(s->hosts, request_header(rq, "Host"))))
			return s;
	}
	return NULL;
}
