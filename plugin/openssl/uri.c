/* The names of keys and certificates in Key Vault and Managed HSM.
 * SPDX-License-Identifier: MIT */
#include "openssl/uri.h"

#include <string.h>

#include "openssl/span.h"

/* The readers below return NULL, or what is wrong, in words that repeat nothing of the
 * text: who pastes a name may have pasted a password. */

static bool is_letter(char c)
{
	return text_lower(c) >= 'a' && text_lower(c) <= 'z';
}

static bool is_name_byte(char c)
{
	return is_letter(c) || text_is_digit(c) || c == '-';
}

static bool is_hex(char c)
{
	return text_hex_digit(c) >= 0;
}

static bool has_only(struct span s, bool (*is_good)(char c))
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_good(s.p[i]))
			return false;
	return true;
}

/* Up to one of the bytes of `until`, or the end; *s goes there. */
static struct span take(const char **s, const char *until)
{
	struct span taken = { *s, strcspn(*s, until) };

	*s += taken.len;
	return taken;
}

/* The caller has compared the length. */
static void copy_lower(char *ret, struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		ret[i] = text_lower(s.p[i]);
	ret[s.len] = '\0';
}

/* What no part may have, so that nobody can read the text in another way than we do. */
static const char *check_bytes(const char *text)
{
	const char *options = strchr(text, '?');

	if (strnlen(text, URI_MAX + 1) > URI_MAX)
		return "it is longer than 8 KiB";
	for (const char *s = text; *s; s++) {
		if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f)
			return "it has a blank, a control character or a byte that is "
			       "not ASCII";
		if (*s == '\\')
			return "it has a backslash";
		if (*s == '#')
			return "it has a fragment ('#')";
		if (*s == '?' && s != options)
			return "it has a second '?'";
		if (*s == '@' && (!options || s < options))
			return "it has a user name ('@')";
		if (*s == '%' && (!options || s < options))
			return "it has percent-encoding outside of an option's value";
	}
	return NULL;
}

/* The name alone, as it is when it is made (Microsoft Learn, "Naming rules and
 * restrictions for Azure resources": Microsoft.KeyVault). */
static const char *read_vault_name(struct span s, struct uri *ret)
{
	if (s.len < 3 || s.len > 24 || !is_letter(s.p[0]) || s.p[s.len - 1] == '-' ||
		!has_only(s, is_name_byte))
		return "its vault is neither a host nor 3 to 24 letters, digits and "
		       "dashes, the first a letter";
	copy_lower(ret->host, s);
	return NULL;
}

static const char address[] = "its host is an address instead of a name";

/* Labels of letters, digits and dashes (RFC 1123, section 2.1). */
static const char *read_host_name(struct span s, struct uri *ret)
{
	const char *p = ret->host;

	if (s.len > 253)
		return "its host is longer than 253 bytes";
	copy_lower(ret->host, s);
	if (text_ends_nocase(p, "."))
		return "its host ends with a dot";
	for (;; p++) {
		struct span label = take(&p, ".");

		if (label.len == 0 || label.len > 63)
			return "its host has an empty or too long part between dots";
		if (!has_only(label, is_name_byte))
			return "its host has bytes that are no letters, digits, dashes "
			       "and dots";
		if (label.p[0] == '-' || p[-1] == '-')
			return "its host has a part that begins or ends with a dash";
		/* 127.0.0.1, and 127.0x1, which is the same to most resolvers */
		if (!*p)
			return text_is_digit(label.p[0]) ? address : NULL;
	}
}

static const char *read_host(struct span s, bool takes_bare, struct uri *ret)
{
	const char *at = s.p;
	struct span name = take(&at, ":/?"), port = { at, s.len - name.len };

	if (name.len && name.p[0] == '[')
		return address;
	if (port.len && !span_is(port, ":443"))
		return "it has a port; vaults answer on 443 alone";
	if (name.len == 0)
		return "it has no host";
	if (memchr(name.p, '.', name.len))
		return read_host_name(name, ret);
	if (!takes_bare)
		return "its host is not whole: an identifier has all of it, as "
		       "NAME.vault.azure.net";
	return read_vault_name(name, ret);
}

static const char *read_name(struct span s, struct uri *ret)
{
	if (s.len == 0 || s.len > 127 || !has_only(s, is_name_byte))
		return "the name of its key or certificate is not 1 to 127 letters, "
		       "digits "
		       "and dashes";
	copy_lower(ret->name, s);
	return NULL;
}

static const char *read_version(struct span s, struct uri *ret)
{
	if (s.len != 32 || !has_only(s, is_hex))
		return "its version is not 32 hexadecimal digits";
	copy_lower(ret->version, s);
	return NULL;
}

/* KIND/NAME[/VERSION], one slash at the end or not; nothing is a list. */
static const char *read_path(const char **s, bool takes_secrets, struct uri *ret)
{
	struct span parts[3] = { { NULL, 0 } };
	const char *wrong;
	size_t n = 0;

	while (**s == '/') {
		(*s)++;
		if (n && (!**s || **s == '?'))
			break;
		if (n == 3)
			return "its path has more than a kind, a name and a version";
		parts[n] = take(s, "/?");
		if (parts[n].len == 0 && (n || **s == '/'))
			return "its path has an empty part";
		n += parts[n].len > 0;
	}
	if (n == 0) {
		ret->kind = URI_LIST;
		return NULL;
	}
	if (span_is(parts[0], "keys"))
		ret->kind = URI_KEY;
	else if (span_is(parts[0], "certificates") ||
		(takes_secrets && span_is(parts[0], "secrets")))
		ret->kind = URI_CERTIFICATE;
	else if (span_is(parts[0], "secrets"))
		return "it names a secret: write certificates/ or keys/ instead";
	else
		return "its path begins with neither keys/ nor certificates/";
	if (n == 1)
		return "it ends before the name of a key or certificate";
	wrong = read_name(parts[1], ret);
	return wrong || n == 2 ? wrong : read_version(parts[2], ret);
}

/* What stands for itself in the value of an option. Of what else RFC 3986, section 3.4
 * lets stand in a query, '+', '&', ';' and '=' mean other things to other readers. */
static bool is_plain(char c)
{
	return is_name_byte(c) || (c && strchr("._~/:(),@", c));
}

static const char *read_identity(struct span s, struct uri *ret)
{
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '%') {
			int high = i + 2 < s.len ? text_hex_digit(s.p[i + 1]) : -1;
			int low = i + 2 < s.len ? text_hex_digit(s.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return "its identity has a '%' without two hexadecimal "
				       "digits";
			c = (char)(high << 4 | low);
			i += 2;
			if ((unsigned char)c < 0x20 || c == 0x7f)
				return "its identity has a control character";
		} else if (!is_plain(c)) {
			return "its identity has bytes that must be percent-encoded";
		}
		if (len == sizeof(ret->identity) - 1)
			return "its identity is too long";
		ret->identity[len++] = c;
	}
	ret->identity[len] = '\0';
	if (len == 0)
		return "its identity is empty";
	if (!text_is_utf8(ret->identity, len))
		return "its identity is not UTF-8";
	return NULL;
}

static const char *read_option(
	struct span name, struct span value, bool is_peers, struct uri *ret)
{
	if (span_is(name, "identity"))
		return ret->identity[0] ? "its identity stands twice"
					: read_identity(value, ret);
	if (span_is(name, "chain")) {
		if (ret->kind != URI_CERTIFICATE)
			return "only a certificate has a chain";
		if (ret->with_chain || !span_is(value, "yes"))
			return "its option chain is not 'yes', once";
		ret->with_chain = true;
		return NULL;
	}
	if (!span_is(name, "version"))
		return "it has an option that is not known";
	if (!is_peers)
		return "its version belongs behind the name: NAME/VERSION";
	return ret->version[0] ? "its version stands twice" : read_version(value, ret);
}

/* From the '?' to the end; an option is NAME=VALUE. */
static const char *read_options(const char *s, bool is_peers, struct uri *ret)
{
	const char *wrong;

	while (*s) {
		struct span name, value;

		s++;
		name = take(&s, "=&");
		if (*s != '=')
			return "it has an option without a value";
		s++;
		value = take(&s, "&");
		wrong = read_option(name, value, is_peers, ret);
		if (wrong)
			return wrong;
	}
	return NULL;
}

/* VAULT:KEY, of Microsoft's provider; the kind is URI_KEY already. */
static const char *read_peers(const char *s, struct uri *ret)
{
	const char *wrong = read_vault_name(take(&s, ":?"), ret);

	if (wrong)
		return wrong;
	if (*s != ':')
		return "it ends before the name of a key";
	s++;
	wrong = read_name(take(&s, "?"), ret);
	return wrong ? wrong : read_options(s, true, ret);
}

static const char *read_text(const char *s, struct uri *ret)
{
	const char *wrong = check_bytes(s);
	bool is_id = text_starts_nocase(s, "azkv:https://");

	if (wrong)
		return wrong;
	if (text_starts_nocase(s, "keyvault:"))
		return read_peers(s + strlen("keyvault:"), ret);
	if (text_starts_nocase(s, "managedhsm:")) {
		ret->is_hsm = true;
		return read_peers(s + strlen("managedhsm:"), ret);
	}
	if (!is_id && !text_starts_nocase(s, "azkv://"))
		return "it begins with neither azkv:// nor azkv:https://";
	s += strlen(is_id ? "azkv:https://" : "azkv://");
	wrong = read_host(take(&s, "/?"), !is_id, ret);
	if (!wrong)
		wrong = read_path(&s, false, ret);
	return wrong ? wrong : read_options(s, false, ret);
}

enum mitok_code uri_parse(const char *text, struct uri *ret, struct mitok_err *e)
{
	struct uri u = { .kind = URI_KEY };
	const char *wrong = read_text(text, &u);

	if (wrong)
		return err_hint(e,
			err_set(e, MITOK_E_ARG,
				"this names no key or certificate of a vault: %s", wrong),
			"write azkv://VAULT/keys/NAME or azkv://VAULT/certificates/NAME");
	*ret = u;
	return MITOK_OK;
}

static const char *read_id(const char *s, struct uri *ret)
{
	const char *wrong = check_bytes(s);

	if (wrong)
		return wrong;
	if (!text_starts_nocase(s, "https://"))
		return "it does not begin with https://";
	s += strlen("https://");
	wrong = read_host(take(&s, "/?"), false, ret);
	if (!wrong)
		wrong = read_path(&s, true, ret);
	if (!wrong && *s)
		return "it has options";
	return wrong || ret->kind != URI_LIST ? wrong : "it names no key or certificate";
}

enum mitok_code uri_parse_id(
	const char *id, const char *host, struct uri *ret, struct mitok_err *e)
{
	struct uri u = { .kind = URI_KEY };
	const char *wrong = read_id(id, &u);

	if (wrong)
		return err_set(e, MITOK_E_REPLY, "an identifier that is none: %s", wrong);
	if (!text_equal_nocase(u.host, host))
		return err_set(e, MITOK_E_REPLY,
			"an identifier on '%s' in an answer of '%s'", u.host, host);
	*ret = u;
	return MITOK_OK;
}

static void add_identity(const char *s, struct text *ret)
{
	for (; *s; s++) {
		if (is_plain(*s))
			text_add_bytes(ret, s, 1);
		else
			text_addf(ret, "%%%02X", (unsigned char)*s);
	}
}

void uri_format(const struct uri *u, struct text *ret)
{
	const char *mark = "?";

	if (u->is_hsm && !strchr(u->host, '.')) {
		text_addf(ret, "managedhsm:%s:%s", u->host, u->name);
		if (u->version[0]) {
			text_addf(ret, "?version=%s", u->version);
			mark = "&";
		}
	} else {
		text_addf(ret, "azkv://%s/", u->host);
		if (u->kind != URI_LIST)
			text_addf(ret, "%s/%s",
				u->kind == URI_KEY ? "keys" : "certificates", u->name);
		if (u->version[0])
			text_addf(ret, "/%s", u->version);
	}
	if (u->identity[0]) {
		text_addf(ret, "%sidentity=", mark);
		add_identity(u->identity, ret);
		mark = "&";
	}
	if (u->with_chain)
		text_addf(ret, "%schain=yes", mark);
}
