/* The lines that give an identity what it lacks, for each kind of access.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cure.h"

// clang-format off
/* Microsoft Graph's application permissions that read, by what the path begins with
 * (Microsoft Learn, "Microsoft Graph permissions reference"). */
static const struct {
	const char *path, *permission, *id;
} permissions[] = {
	{ "users",             "User.Read.All",         "df021288-bdef-4463-88db-98f22de89214" },
	{ "groups",            "Group.Read.All",        "5b567255-7703-4780-807c-7be8301ae99b" },
	{ "sites",             "Sites.Read.All",        "332a536c-c7ef-4017-ab91-336970924f0d" },
	{ "devices",           "Device.Read.All",       "7438b122-aefc-4978-80ed-43db9fcc7715" },
	{ "organization",      "Organization.Read.All", "498476ce-e0fe-48b0-b801-37ba7e2685c6" },
	{ "auditLogs",         "AuditLog.Read.All",     "b0afded3-3588-46d8-8b3d-9842eff778da" },
	{ "directoryObjects",  "Directory.Read.All",    "7ab1d382-f21e-4acd-a863-ba3e13f7da61" },
	{ "servicePrincipals", "Application.Read.All",  "9a5d68dd-52b0-4cc2-bd40-abcf444ac3ba" },
	{ "applications",      "Application.Read.All",  "9a5d68dd-52b0-4cc2-bd40-abcf444ac3ba" },
	{ "",                  "Application.Read.All",  "9a5d68dd-52b0-4cc2-bd40-abcf444ac3ba" },
};
// clang-format on

static void add_wait(const struct visit *v, const char *why, struct text *out)
{
	AUTO_TEXT url = { 0 };

	text_add_shown_url(&url, v->url);
	text_addf(out, "%s: mi-token wait --for role ", why);
	text_add_word(out, text_peek(&url));
}

static void grant_role(const struct visit *v, struct text *out)
{
	const char *writer = role_writer(v->family);

	if (v->assigned == ASSIGNED_THERE) {
		add_wait(v, "wait for it", out);
		text_add(out, "\nprograms that keep tokens may have to be started anew");
		return;
	}
	if (v->assigned_scope[0]) {
		text_addf(out, "'%s' is assigned at ", v->assigned_role);
		text_add_word(out, v->assigned_scope);
		text_add(out, "\n");
	}
	if (v->assigned == ASSIGNED_CONDITION)
		text_addf(out,
			"the condition has to admit it: az role assignment list "
			"--assignee "
			"%s --all --query '[].condition'\n",
			cure_object_id(v));
	if (v->others[0] && v->family == FAMILY_ARM)
		text_addf(out, "what it may do there: %s\n", v->others);
	else if (v->others[0])
		text_addf(out,
			"there it is assigned to %s: is that who was meant? this "
			"identity "
			"is %s\n",
			v->others, visit_text(v, MITOK_TEXT_OBJECT_ID));
	cure_fill(v, EXPLAIN_ASSIGN("ROLE"), out);
	if (*writer && strcmp(writer, v->ret->role) != 0)
		text_addf(out, "\nto write or send as well: '%s'", writer);
	add_wait(v, "\nit takes up to 10 minutes to be in force", out);
}

/* Microsoft Learn, "Managed HSM local RBAC built-in roles". */
static void grant_hsm(const struct visit *v, struct text *out)
{
	cure_fill(v,
		"az keyvault role assignment create --hsm-name VAULT "
		"--assignee-object-id "
		"OBJECT-ID --assignee-principal-type ServicePrincipal --role ROLE "
		"--scope "
		"TARGET-ID",
		out);
	add_wait(v, "\nit takes up to 10 minutes to be in force", out);
}

/* Members of the token's payload that people ask about. */
static void take_roles(
	void *arg, int part, const char *name, const char *value, int is_string)
{
	struct text *roles = arg;

	(void)is_string;
	if (part == 1 && strcmp(name, "roles") == 0)
		text_add(roles, value);
}

static void add_roles(const struct visit *v, struct text *out)
{
	AUTO_TEXT roles = { 0 };
	size_t len;
	const char *token = mitok_token_value(v->token, &len);

	if (mitok_jwt_each(token, len, take_roles, &roles, NULL))
		return;
	if (roles.p)
		text_clean(roles.p);
	text_addf(out, "the token's app roles: %.300s\n", roles.len ? roles.p : "none");
}

static bool is_graph(const struct visit *v)
{
	return v->service->read && v->service != &service_own;
}

static void grant_graph(const struct visit *v, struct text *out)
{
	const char *oid = cure_object_id(v);
	const char *path = place_part(&v->at, 1);
	size_t i = 0;

	while (permissions[i].path[0] && !text_equal_nocase(permissions[i].path, path))
		i++;
	(void)!TEXT_COPY(v->ret->role, permissions[i].permission);
	add_roles(v, out);
	text_addf(out,
		"az rest --method post --url https://%s/v1.0/servicePrincipals/%s/"
		"appRoleAssignments --body '{\"principalId\":\"%s\",\"resourceId\":"
		"\"GRAPH-OBJECT-ID\",\"appRoleId\":\"%s\"}'\n"
		"(%s; GRAPH-OBJECT-ID is Graph's in this tenant)\n",
		v->at.host, oid, oid, permissions[i].id, permissions[i].permission);
	cure_fill(v, cure_of("Authorization_RequestDenied"), out);
}

static void grant_own(const struct visit *v, struct text *out)
{
	const char *oid = cure_object_id(v);
	char graph[128];

	/* The one of the machine's cloud. */
	if (client_endpoint(v->c, "graph", graph, sizeof(graph), NULL))
		(void)!TEXT_COPY(graph, "https://graph.microsoft.com/");
	add_roles(v, out);
	text_addf(out,
		"az rest --method post --url %sv1.0/"
		"servicePrincipals/%s/appRoleAssignments --body '{\"principalId\":\"%s\","
		"\"resourceId\":\"API-OBJECT-ID\",\"appRoleId\":\"APP-ROLE-ID\"}'\n"
		"where the API runs, mi-token verify --audience ",
		graph, oid, oid);
	text_add_word(out, visit_text(v, MITOK_TEXT_AUDIENCE));
	text_add(out, " tells what it sees in a token");
}

static void grant_member(const struct visit *v, struct text *out)
{
	bool is_devops = v->service->note || strstr(v->service->name, "DevOps");

	if (v->found.means)
		cure_fill(v, v->found.cure, out);
	else if (is_devops)
		cure_fill(v, cure_of("TF401444"), out);
	else
		text_add(out,
			"add it to the workspace as a service principal, by its "
			"client id: Settings, Identity and access");
	text_addf(out, "\nits object id is %s, its client id %s, its tenant %s",
		visit_text(v, MITOK_TEXT_OBJECT_ID), visit_text(v, MITOK_TEXT_CLIENT_ID),
		visit_text(v, MITOK_TEXT_TENANT_ID));
}

void grant_add(const struct visit *v, struct text *out)
{
	switch (v->service->grant) {
	case GRANT_ROLE:
		grant_role(v, out);
		break;
	case GRANT_HSM:
		grant_hsm(v, out);
		break;
	case GRANT_COSMOS:
		cure_fill(v, cure_of("5301"), out);
		add_wait(v, "\nit takes up to 10 minutes to be in force", out);
		break;
	case GRANT_APP_ROLE:
		if (is_graph(v))
			grant_graph(v, out);
		else
			grant_own(v, out);
		break;
	case GRANT_MEMBER:
		grant_member(v, out);
		break;
	}
}
