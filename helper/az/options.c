/* The options of az's commands, as rows, and the commands that take them.
 * SPDX-License-Identifier: MIT */
#include "az.h"

#define AT(member) offsetof(struct az_args, member)

/* Letters are ours alone; capital ones are for options that no command shares. */
// clang-format off
const struct az_option az_options[] = {
	{ 'D', "--debug",                  AZ_SWITCH, AT(debug),                  NULL, "tell on stderr what is asked of whom" },
	{ 'h', "--help -h",                AZ_SWITCH, AT(help),                   NULL, "show this help" },
	{ 'E', "--only-show-errors",       AZ_SWITCH, AT(only_show_errors),       NULL, "no warnings on stderr" },
	{ 'o', "--output -o",              AZ_ONE,    AT(output),
	  "json, jsonc, yaml, yamlc, table, tsv, none",                                 "the format on stdout" },
	{ 'q', "--query",                  AZ_ONE,    AT(query),                  NULL, "a JMESPath expression over the result" },
	{ 'S', "--verbose",                AZ_SWITCH, AT(verbose),                NULL, "tell on stderr how long it took" },

	{ 's', "--subscription -s --name -n", AZ_ONE, AT(subscription),           NULL, "name or id of a subscription" },
	{ 'g', "--subscription",           AZ_ONE,    AT(subscription),           NULL, "taken and not needed" },
	{ 't', "--tenant -t",              AZ_ONE,    AT(tenant),                 NULL, "the identity's own tenant; no other" },
	{ 'r', "--resource",               AZ_ONE,    AT(resource),               NULL, "what the token is for" },
	{ 'R', "--resource-type",          AZ_ONE,    AT(resource_type),
	  "oss-rdbms, arm, aad-graph, ms-graph, batch, media, data-lake",               "a resource by its kind" },
	{ 'c', "--scope",                  AZ_ANY,    AT(scope),                  NULL, "RESOURCE/.default" },

	{ 'i', "-i --identity",            AZ_SWITCH, AT(identity),               NULL, "sign in with the machine's managed identity" },
	{ 'C', "--client-id",              AZ_ONE,    AT(client_id),              NULL, "client id of a user-assigned identity" },
	{ 'O', "--object-id",              AZ_ONE,    AT(object_id),              NULL, "its object id instead" },
	{ 'I', "--resource-id",            AZ_ONE,    AT(resource_id),            NULL, "its resource id instead" },
	{ 'u', "--username -u",            AZ_ONE,    AT(username),               NULL, "any of the three, as az took it before 2.69" },
	{ 'p', "--password -p",            AZ_ONE,    AT(password),               NULL, "not with --identity" },
	{ 'P', "--service-principal",      AZ_SWITCH, AT(service_principal),      NULL, "not with --identity" },
	{ 'd', "--use-device-code",        AZ_SWITCH, AT(use_device_code),        NULL, "not with --identity" },
	{ 'a', "--allow-no-subscriptions", AZ_SWITCH, AT(allow_no_subscriptions), NULL, "sign in without a subscription too" },

	{ 'A', "--all",                    AZ_SWITCH, AT(all),                    NULL, "also what is not enabled" },
	{ 'F', "--refresh",                AZ_SWITCH, AT(refresh),                NULL, "ask Azure again" },

	{ 'N', "--name -n",                AZ_ONE,    AT(name),                   NULL, "the name" },
	{ 'v', "--vault-name",             AZ_ONE,    AT(vault_name),             NULL, "the vault" },
	{ 'e', "--id",                     AZ_ONE,    AT(id),                     NULL, "the secret's URL, instead of its name and vault" },
	{ 'V', "--version -v",             AZ_ONE,    AT(version),                NULL, "a version other than the newest" },
	{ 'X', "--expose-token -t",        AZ_SWITCH, AT(expose_token),           NULL, "print a token instead of running docker" },
	{ 'L', "--local",                  AZ_SWITCH, AT(local),                  NULL, "taken and not needed" },
	{ 'k', "key",                      AZ_MAYBE,   AT(words),                  NULL, "SECTION.NAME, or a section" },
	{ 'n', "<KEY>",                    AZ_SOME,   AT(words),                  NULL, "SECTION.NAME" },
	{ 'K', "<KEY_VALUE>",               AZ_SOME,   AT(words),                  NULL, "SECTION.NAME=VALUE" },

	{ 'U', "--url --uri -u",           AZ_ONE,    AT(url),                    NULL, "the URL, or what follows Azure Resource Manager's" },
	{ 'm', "--method -m",              AZ_ONE,    AT(method),
	  "head, get, put, post, delete, options, patch",                               "how it is asked; get if nothing is said" },
	{ 'H', "--headers",                AZ_SOME,   AT(headers),                NULL, "NAME=VALUE, or a JSON object" },
	{ 'b', "--body -b",                AZ_ONE,    AT(body),                   NULL, "what is sent" },
	{ 'w', "--uri-parameters --url-parameters", AZ_SOME, AT(parameters),      NULL, "NAME=VALUE for the URL's query, or a JSON object" },
	{ 'Z', "--skip-authorization-header", AZ_SWITCH, AT(skip_authorization),  NULL, "send no token" },
	{ 'f', "--output-file",            AZ_ONE,    AT(output_file),            NULL, "write the answer there" },
	{ 0, NULL, AZ_SWITCH, 0, NULL, NULL },
};

static const struct output_column list_columns[] = {
	{ "Name", "name" },
	{ "CloudName", "cloudName" },
	{ "SubscriptionId", "id" },
	{ "TenantId", "tenantId" },
	{ "State", "state" },
	{ "IsDefault", "isDefault" },
	{ NULL, NULL },
};
static const struct output_column cloud_columns[] = {
	{ "IsActive", "isActive" },
	{ "Name", "name" },
	{ "Profile", "profile" },
	{ NULL, NULL },
};

const struct az_group az_groups[] = {
	{ "",                "tokens and requests with the machine's managed identity" },
	{ "account",         "what the identity can reach" },
	{ "acr",             "container registries" },
	{ "cloud",           "Azure's clouds" },
	{ "config",          "az's settings" },
	{ "keyvault",        "Key Vault" },
	{ "keyvault secret", "its secrets" },
	{ NULL, NULL },
};

const struct az_command az_commands[] = {
	{ "account clear",            "forget what az login chose",               "",              "",  NULL, NULL, az_account_clear },
	{ "account get-access-token", "get a token",                              "rRcst",         "",  NULL, NULL, az_get_access_token },
	{ "account list",             "list the subscriptions",                   "AF",            "",  NULL, list_columns, az_account_list },
	{ "account set",              "choose the subscription",                  "s",             "s", NULL, NULL, az_account_set },
	{ "account show",             "show the chosen subscription",             "s",             "",  NULL, NULL, az_account_show },
	{ "acr login",                "get a token for a registry",               "NgX",           "N", "X",  NULL, az_acr_login },
	{ "cloud list",               "list the clouds",                          "",              "",  NULL, cloud_columns, az_cloud_list },
	{ "cloud set",                "choose one",                               "N",             "N", NULL, NULL, az_cloud_set },
	{ "cloud show",               "show one",                                 "N",             "",  NULL, NULL, az_cloud_show },
	{ "config get",               "show settings",                            "Lk",            "",  NULL, NULL, az_config_get },
	{ "config set",               "change settings",                          "LK",            "K", NULL, NULL, az_config_set },
	{ "config unset",             "take settings away",                       "Ln",            "n", NULL, NULL, az_config_unset },
	{ "keyvault secret show",     "read a secret",                            "vNgVe",         "",  NULL, NULL, az_secret_show },
	{ "login",                    "sign in, with --identity",                 "iCOIupPdat",    "",  NULL, NULL, az_login },
	{ "logout",                   "forget what az login chose",               "u",             "",  NULL, NULL, az_account_clear },
	{ "rest",                     "send a request to Azure",                  "UmHbwrZf",      "U", NULL, NULL, az_rest },
	{ "version",                  "show versions",                            "",              "",  NULL, NULL, az_version },
	{ NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};
// clang-format on
