/* URLs of endpoints: what the environment may name, and the query that is sent there.
 * SPDX-License-Identifier: MIT */
#include "source/endpoint.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* What pchar, '/' and '?' of RFC 3986, section 3.3 and 3.4, are besides letters, digits
 * and percent codes. */
static const char marks[] = "-._~!$&'()*+,;=:@/?";

static bool is_alnum(char c)
{
	return text_is_digit(c) || (text_lower(c) >= 'a' && text_lower(c) <= 'z');
}

static bool has_only_url_bytes(const char *s)
{
	for (; *s; s++) {
		if (*s == '%' && (text_hex_digit(s[1]) < 0 || text_hex_digit(s[2]) < 0))
			return false;
		if (*s != '%' && !is_alnum(*s) && !strchr(marks, *s))
			return false;
	}
	return true;
}

/* "." and ".." as a whole segment, as they are or percent-encoded: every client resolves
 * them in its own way. */
static bool has_dot_segment(const char *path)
{
	while (*path == '/') {
		size_t len = strcspn(++path, "/"), dots = 0, at = 0;

		while (at < len) {
			if (path[at] == '.')
				at++;
			else if (text_starts_nocase(path + at, "%2e"))
				at += 3;
			else
				break;
			dots++;
		}
		if (at == len && (dots == 1 || dots == 2))
			return true;
		path += len;
	}
	return false;
}

/* Labels of letters, digits, '-' and '_' (RFC 1123, and what container names have). */
static bool is_name(const char *host)
{
	const char *label = host;

	for (;;) {
		size_t len = strcspn(label, ".");

		if (len == 0 || len > 63 || label[0] == '-' || label[len - 1] == '-')
			return false;
		for (size_t i = 0; i < len; i++)
			if (!is_alnum(label[i]) && label[i] != '-' && label[i] != '_')
				return false;
		if (!label[len])
			break;
		label += len + 1;
	}
	/* 2852039166, 0xa9fea9fe and 127.1 are addresses to most resolvers. */
	return !text_is_digit(*label);
}

/* A dotted quad or IPv6 text exactly as inet_ntop() writes it. */
static bool is_address(int family, const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char again[INET6_ADDRSTRLEN];

	return inet_pton(family, host, bytes) == 1 &&
		inet_ntop(family, bytes, again, sizeof(again)) &&
		strcmp(again, host) == 0;
}

static bool is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
		(text_starts(host, "127.") && is_address(AF_INET, host));
}

static bool is_link_local(const char *host)
{
	return text_starts(host, "169.254.") && is_address(AF_INET, host);
}

bool endpoint_is_loopback(const struct endpoint *p)
{
	return is_loopback(p->host);
}

/* host, [ipv6] or either with a port. NULL, or what is wrong with it. */
static const char *read_authority(const char *s, size_t len, struct endpoint *ret)
{
	bool is_six = len && *s == '[';
	size_t host = is_six ? strcspn(s, "]") : strcspn(s, ":/?");
	char digits[8] = "";
	int64_t port = ret->https ? 443 : 80;

	if (memchr(s, '@', len))
		return "it has a user name";
	s += is_six;
	len -= is_six;
	host -= is_six;
	if (host > len || host >= sizeof(ret->host) || (is_six && host == len))
		return "it has no usable host";
	for (size_t i = 0; i < host; i++)
		ret->host[i] = text_lower(s[i]);
	ret->host[host] = '\0';
	if (is_six ? !is_address(AF_INET6, ret->host)
		   : !is_name(ret->host) && !is_address(AF_INET, ret->host))
		return "its host is neither a name nor an address in its usual form";
	s += host + is_six;
	len -= host + is_six;
	if (len) {
		if (*s != ':' || len > 6)
			return "its port is no number from 1 to 65535";
		memcpy(digits, s + 1, len - 1);
		if (!text_to_number(digits, 1, 65535, &port) || digits[0] == '0')
			return "its port is no number from 1 to 65535";
	}
	ret->port = (int)port;
	return NULL;
}

/* NULL, or what is wrong with it. The URL itself is not echoed: it may hold a secret. */
static const char *read_url(const char *url, struct endpoint *ret)
{
	size_t authority, path;
	const char *wrong;

	for (const char *s = url; *s; s++)
		if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f || *s == '\\')
			return "it has a blank, a backslash or a byte that is no "
			       "printable ASCII";
	ret->https = text_starts_nocase(url, "https://");
	if (!ret->https && !text_starts_nocase(url, "http://"))
		return "it does not begin with http:// or https://";
	url += ret->https ? 8 : 7;
	if (strchr(url, '#'))
		return "it has a fragment";
	authority = strcspn(url, "/?");
	wrong = read_authority(url, authority, ret);
	if (wrong)
		return wrong;
	url += authority;
	path = strcspn(url, "?");
	if (path >= sizeof(ret->path) ||
		!TEXT_COPY(ret->query, url[path] ? url + path + 1 : ""))
		return "it is too long";
	memcpy(ret->path, path ? url : "/", path ? path : 1);
	if (!has_only_url_bytes(ret->path) || !has_only_url_bytes(ret->query))
		return "it has bytes that should be percent-encoded";
	if (has_dot_segment(ret->path))
		return "its path has '.' or '..' in it";
	ret->flags = is_loopback(ret->host) || is_link_local(ret->host) ? HTTP_LOCAL : 0;
	return NULL;
}

enum mitok_code endpoint_parse(
	const char *name, const char *url, struct endpoint *ret, struct mitok_err *e)
{
	struct endpoint p = { 0 };
	const char *wrong = read_url(url, &p);

	if (wrong)
		return err_set(e, MITOK_E_CONF, "%s is not a URL that can be used: %s",
			name, wrong);
	*ret = p;
	return MITOK_OK;
}

enum mitok_code endpoint_trust(const char *name, const char *url,
	const char *const *allow_hosts, struct endpoint *ret, struct mitok_err *e)
{
	struct endpoint p = { 0 };
	enum mitok_code r = endpoint_parse(name, url, &p, e);

	if (r)
		return r;
	if (!(p.flags & HTTP_LOCAL) && !p.https) {
		r = err_set(e, MITOK_E_CONF,
			"%s would send a secret to '%s' over plain http", name, p.host);
		return err_hint(e, r,
			"the platform's endpoint is on this machine: unset %s if you "
			"did not set it on purpose",
			name);
	}
	if (!(p.flags & HTTP_LOCAL)) {
		while (allow_hosts && *allow_hosts &&
			!text_equal_nocase(*allow_hosts, p.host))
			allow_hosts++;
		if (!allow_hosts || !*allow_hosts) {
			r = err_set(e, MITOK_E_CONF,
				"%s points to '%s', which is not this machine", name,
				p.host);
			return err_hint(e, r,
				"unset it, or let root add the host to "
				"endpoints.allow_hosts in /etc/mi-token/mi-token.conf");
		}
	}
	*ret = p;
	return MITOK_OK;
}

/* Whether the raw name of a query parameter, len bytes, means `name` once decoded;
 * without case, so that what a server takes for the same does not get there twice. */
static bool is_param(const char *raw, size_t len, const char *name)
{
	size_t i = 0;

	for (; i < len && *name; name++) {
		char c = raw[i++];

		if (c == '%' && len - i >= 2) {
			c = (char)(text_hex_digit(raw[i]) * 16 +
				text_hex_digit(raw[i + 1]));
			i += 2;
		}
		if (text_lower(c) != text_lower(*name))
			return false;
	}
	return i == len && !*name;
}

static bool is_replaced(const char *raw, size_t len, const struct endpoint_param *params)
{
	for (; params->name; params++)
		if (is_param(raw, len, params->name))
			return true;
	return false;
}

void endpoint_origin(const struct endpoint *p, struct text *ret)
{
	bool is_six = strchr(p->host, ':') != NULL;

	text_add(ret, p->https ? "https://" : "http://");
	text_add(ret, is_six ? "[" : "");
	text_add(ret, p->host);
	text_add(ret, is_six ? "]" : "");
	if (p->port != (p->https ? 443 : 80))
		text_addf(ret, ":%d", p->port);
}

void endpoint_url(
	const struct endpoint *p, const struct endpoint_param *params, struct text *ret)
{
	const char *separator = "?";

	endpoint_origin(p, ret);
	text_add(ret, p->path);
	for (const char *s = p->query; *s;) {
		size_t len = strcspn(s, "&"), name = strcspn(s, "=&");

		if (len && !is_replaced(s, name, params)) {
			text_add(ret, separator);
			text_add_bytes(ret, s, len);
			separator = "&";
		}
		s += len + (s[len] == '&');
	}
	for (; params->name; params++) {
		if (!params->value)
			continue;
		text_addf(ret, "%s%s=", separator, params->name);
		text_add_url(ret, params->value);
		separator = "&";
	}
}

/* As text_add_url(), for what may be a secret. */
static bool add_encoded(struct secret *ret, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		char code[3] = { '%', hex[c >> 4], hex[c & 15] };
		bool plain = is_alnum(*s) || strchr("-._~", *s);

		if (!secret_add(ret, plain ? s : code, plain ? 1 : sizeof(code)))
			return false;
	}
	return true;
}

bool endpoint_form(const struct endpoint_param *params, struct secret *ret)
{
	AUTO_SECRET form = { 0 };

	for (; params->name; params++) {
		if (!params->value)
			continue;
		if (form.len && !secret_add_text(&form, "&"))
			return false;
		if (!secret_add_text(&form, params->name) ||
			!secret_add_text(&form, "=") ||
			!add_encoded(&form, params->value))
			return false;
	}
	*ret = secret_move(&form);
	return true;
}
