/* Every attack on the receiving side that is known (RFC 8725; RFC 7515, section 10) is refused, each
 * for its own reason. SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "entrant.h"
#include "test.h"

static struct verifier verifier;

/* Checks one token, and that the sentence of a refusal tells neither signature nor claims. */
static void expect(const char *what, const struct text *jwt, enum reason want)
{
	struct mitok_err e = { .code = MITOK_OK };
	enum reason r = entrant_check(&verifier, text_peek(jwt), jwt->len, &e);

	CHECK_ROW(what, text_ok(jwt));
	if (r != want)
		printf("# %s: %s\n", what, r ? e.message : "it is taken");
	CHECK_ROW(what, r == want);
	CHECK_ROW(what, (r == REASON_NONE) == !e.message[0]);
	CHECK_ROW(what, r == REASON_NONE || e.code == MITOK_E_DENIED);
	CHECK_ROW(what, !strstr(e.message, "eyJ"));
	if (r > REASON_KEYS)
		CHECK_ROW(what, strstr(e.message, reason_row(r)->word) != NULL);
}

/* What the header says, and how it was really signed. */
static const struct {
	const char *what, *alg, *kid;
	enum signer_key key;
	enum signer_way way;
	enum reason want;
} algorithm_rows[] = {
	{ "RS256", "RS256", "rsa", SIGNER_RSA, SIGNER_RS256, REASON_NONE },
	{ "PS256", "PS256", "rsa", SIGNER_RSA, SIGNER_PS256, REASON_NONE },
	{ "ES256", "ES256", "ec", SIGNER_EC, SIGNER_ES256, REASON_NONE },
	{ "its key says so", "RS256", "rsa-rs256", SIGNER_RSA, SIGNER_RS256,
		REASON_NONE },
	{ "PS256, its key says so", "PS256", "rsa-ps256", SIGNER_RSA, SIGNER_PS256,
		REASON_NONE },
	{ "none", "none", "rsa", SIGNER_RSA, SIGNER_RS256, REASON_ALG_NONE },
	{ "None", "None", "rsa", SIGNER_RSA, SIGNER_RS256, REASON_ALG_NONE },
	{ "nOnE", "nOnE", "rsa", SIGNER_RSA, SIGNER_RS256, REASON_ALG_NONE },
	{ "NONE", "NONE", "rsa", SIGNER_RSA, SIGNER_RS256, REASON_ALG_NONE },
	{ "HMAC with the public key as PEM", "HS256", "rsa", SIGNER_RSA, SIGNER_HS256,
		REASON_ALG_HMAC },
	{ "HMAC with the modulus", "HS256", "rsa", SIGNER_RSA, SIGNER_HS256_JWKS,
		REASON_ALG_HMAC },
	{ "HMAC with the set's own secret", "HS256", "oct", SIGNER_RSA, SIGNER_HS256,
		REASON_ALG_HMAC },
	{ "HS512", "HS512", "rsa", SIGNER_RSA, SIGNER_HS256, REASON_ALG_HMAC },
	{ "HMAC that says RS256", "RS256", "rsa", SIGNER_RSA, SIGNER_HS256,
		REASON_SIGNATURE_LENGTH },
	{ "RS512", "RS512", "rsa", SIGNER_RSA, SIGNER_RS512, REASON_ALG },
	{ "rs256 in small letters", "rs256", "rsa", SIGNER_RSA, SIGNER_RS256,
		REASON_ALG },
	{ "ES384", "ES384", "ec", SIGNER_EC, SIGNER_ES256, REASON_ALG },
	{ "EdDSA", "EdDSA", "ec", SIGNER_EC, SIGNER_ES256, REASON_ALG },
	{ "no name", "", "rsa", SIGNER_RSA, SIGNER_RS256, REASON_ALG },
	{ "RS512 that says RS256", "RS256", "rsa", SIGNER_RSA, SIGNER_RS512,
		REASON_SIGNATURE },
	{ "PS256 that says RS256", "RS256", "rsa", SIGNER_RSA, SIGNER_PS256,
		REASON_SIGNATURE },
	{ "RS256 that says PS256", "PS256", "rsa", SIGNER_RSA, SIGNER_RS256,
		REASON_SIGNATURE },
	{ "PS256 with another salt", "PS256", "rsa", SIGNER_RSA, SIGNER_PS256_SALTY,
		REASON_SIGNATURE },
	{ "RS256 with a key on a curve", "RS256", "ec", SIGNER_EC, SIGNER_ES256,
		REASON_KEY_TYPE },
	{ "ES256 with an RSA key", "ES256", "rsa", SIGNER_RSA, SIGNER_RS256,
		REASON_KEY_TYPE },
	{ "RS256 with a key for PS256", "RS256", "rsa-ps256", SIGNER_RSA, SIGNER_RS256,
		REASON_KEY_ALG },
	{ "PS256 with a key for RS256", "PS256", "rsa-rs256", SIGNER_RSA, SIGNER_PS256,
		REASON_KEY_ALG },
	{ "DER instead of r and s", "ES256", "ec", SIGNER_EC, SIGNER_ES256_DER,
		REASON_SIGNATURE_LENGTH },
	{ "1024 bits", "RS256", "weak", SIGNER_WEAK, SIGNER_RS256, REASON_KEY_WEAK },
	{ "another key's", "RS256", "rsa", SIGNER_OTHER, SIGNER_RS256, REASON_SIGNATURE },
	{ "a key of ours, by another's id", "RS256", "other", SIGNER_RSA, SIGNER_RS256,
		REASON_SIGNATURE },
	{ "an id that nobody has", "RS256", "nobody", SIGNER_RSA, SIGNER_RS256,
		REASON_KID },
	{ "a key that encrypts", "RS256", "enc", SIGNER_RSA, SIGNER_RS256, REASON_KID },
	{ "a secret of the set", "RS256", "oct", SIGNER_RSA, SIGNER_RS256, REASON_KID },
	{ "a path for an id", "RS256", "../../dev/null", SIGNER_RSA, SIGNER_RS256,
		REASON_KID },
	{ "SQL for an id", "RS256", "x' OR '1'='1", SIGNER_RSA, SIGNER_RS256,
		REASON_KID },
	{ "no id", "RS256", "", SIGNER_RSA, SIGNER_RS256, REASON_NO_KID },
	{ "its issuer's own key", "RS256", "mine", SIGNER_RSA, SIGNER_RS256,
		REASON_NONE },
	{ "a key of version 2", "RS256", "any", SIGNER_RSA, SIGNER_RS256,
		REASON_KEY_ISSUER },
	{ "a key of another tenant", "RS256", "theirs", SIGNER_RSA, SIGNER_RS256,
		REASON_KEY_ISSUER },
};

static void algorithms(void)
{
	for (size_t i = 0; i < COUNT(algorithm_rows); i++) {
		AUTO_TEXT header = { 0 };
		AUTO_TEXT claims = { 0 };
		AUTO_TEXT jwt = { 0 };

		entrant_add_header(
			algorithm_rows[i].alg, algorithm_rows[i].kid, NULL, &header);
		entrant_add_claims(1, NULL, &claims);
		signer_add_token(algorithm_rows[i].key, algorithm_rows[i].way,
			text_peek(&header), text_peek(&claims), &jwt);
		expect(algorithm_rows[i].what, &jwt, algorithm_rows[i].want);
	}
}

static void headers(void)
{
	static const struct {
		const char *name, *json;
		enum reason want;
	} rows[] = {
		{ "x5t", "\"abc\"", REASON_NONE },
		{ "typ", "\"jwt\"", REASON_NONE },
		{ "typ", "\"at+jwt\"", REASON_NONE },
		{ "typ", "\"application/at+jwt\"", REASON_NONE },
		{ "anything", "{\"a\":[1]}", REASON_NONE },
		{ "typ", NULL, REASON_TYPE },
		{ "typ", "\"JWS\"", REASON_TYPE },
		{ "typ", "\"dpop+jwt\"", REASON_TYPE },
		{ "typ", "\"secevent+jwt\"", REASON_TYPE },
		{ "typ", "\"logout+jwt\"", REASON_TYPE },
		{ "typ", "7", REASON_TYPE },
		{ "alg", NULL, REASON_ALG },
		{ "alg", "null", REASON_ALG },
		{ "alg", "[\"RS256\"]", REASON_ALG },
		{ "kid", NULL, REASON_NO_KID },
		{ "kid", "7", REASON_NO_KID },
		{ "crit", "[\"exp\"]", REASON_CRIT },
		{ "crit", "[]", REASON_CRIT },
		{ "b64", "false", REASON_B64 },
		{ "zip", "\"DEF\"", REASON_ZIP },
		{ "jwk", "{\"kty\":\"RSA\"}", REASON_JWK },
		{ "jku", "\"https://evil.example/keys\"", REASON_JKU },
		{ "x5u", "\"https://evil.example/cert\"", REASON_X5U },
		{ "x5c", "[\"MIIB\"]", REASON_X5C },
		{ "enc", "\"A256GCM\"", REASON_ENCRYPTED },
		{ "cty", "\"JWT\"", REASON_NESTED },
		{ "nonce", "\"abc\"", REASON_NONCE },
		{ "\\u0061lg", "\"none\"", REASON_MALFORMED },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct member change[] = { { rows[i].name, rows[i].json },
			{ NULL, NULL } };
		AUTO_TEXT jwt = { 0 };

		entrant_add_token(change, NULL, &jwt);
		expect(rows[i].name, &jwt, rows[i].want);
	}
}

/* With the key that has signed it: it is a valid token to whoever believes the header. */
static void embedded_key(void)
{
	static const char *const kids[] = { "rsa", "mallory" };

	for (size_t i = 0; i < COUNT(kids); i++) {
		AUTO_TEXT jwk = { 0 };
		AUTO_TEXT header = { 0 };
		AUTO_TEXT claims = { 0 };
		AUTO_TEXT jwt = { 0 };
		struct member change[] = { { "jwk", NULL }, { NULL, NULL } };

		signer_add_jwk(SIGNER_OTHER, kids[i], "", &jwk);
		change[0].json = text_peek(&jwk);
		entrant_add_header("RS256", kids[i], change, &header);
		entrant_add_claims(1, NULL, &claims);
		signer_add_token(SIGNER_OTHER, SIGNER_RS256, text_peek(&header),
			text_peek(&claims), &jwt);
		expect(kids[i], &jwt, REASON_JWK);
	}
}

static void duplicates(void)
{
	static const struct member claim[] = { { "aud", "\"api://orders\"" },
		{ "aud", "\"api://other\"" }, { NULL, NULL } };
	static const struct member deep[] = { { "x", "{\"a\":1,\"a\":2}" },
		{ NULL, NULL } };
	static const struct member alg[] = { { "alg", "\"RS256\"" },
		{ "alg", "\"none\"" }, { NULL, NULL } };
	AUTO_TEXT first = { 0 };
	AUTO_TEXT second = { 0 };
	AUTO_TEXT third = { 0 };

	entrant_add_token(NULL, claim, &first);
	expect("a claim twice", &first, REASON_DUPLICATE);
	entrant_add_token(alg, NULL, &second);
	expect("the algorithm twice", &second, REASON_DUPLICATE);
	entrant_add_token(NULL, deep, &third);
	expect("a member twice, deeper", &third, REASON_DUPLICATE);
}

/* What is done to a good token on its way. */
enum harm {
	HARM_NONE,
	HARM_UNSIGNED,  /* without the signature, but with its dot */
	HARM_TWO_PARTS, /* without the dot, too */
	HARM_FOUR_PARTS,
	HARM_FIVE_PARTS, /* as many as a JWE has */
	HARM_SHORT,      /* a signature without its end */
	HARM_LONG,
	HARM_PADDED,
	HARM_BIT,     /* a bit of the last digit that counts for nothing */
	HARM_FLIPPED, /* another digit in the signature */
	HARM_CLAIMS,  /* another digit in the claims */
	HARM_HEADER,
	HARM_BLANK,
	HARM_LINE,
	HARM_PLUS,    /* of the other alphabet */
	HARM_SWAPPED, /* header and claims */
	HARM_COUNT
};

static void cut(struct text *t, size_t len)
{
	t->len = len;
	t->p[len] = '\0';
}

static void put(struct text *t, size_t at, const char *what)
{
	AUTO_TEXT rest = { 0 };

	text_add(&rest, t->p + at);
	cut(t, at);
	text_add(t, what);
	text_add(t, text_peek(&rest));
}

static void swap_parts(struct text *t)
{
	AUTO_TEXT other = { 0 };
	size_t first = strcspn(t->p, ".");
	size_t second = strcspn(t->p + first + 1, ".");

	text_add_bytes(&other, t->p + first + 1, second);
	text_add(&other, ".");
	text_add_bytes(&other, t->p, first);
	text_add(&other, t->p + first + 1 + second);
	cut(t, 0);
	text_add(t, text_peek(&other));
}

static void do_harm(struct text *t, enum harm harm)
{
	size_t first = strcspn(t->p, ".");
	size_t last = (size_t)(strrchr(t->p, '.') - t->p);
	char *end = t->p + t->len - 1;

	switch (harm) {
	case HARM_UNSIGNED:
		cut(t, last + 1);
		break;
	case HARM_TWO_PARTS:
		cut(t, last);
		break;
	case HARM_FOUR_PARTS:
		text_add(t, ".YQ");
		break;
	case HARM_FIVE_PARTS:
		text_add(t, ".YQ.YQ");
		break;
	case HARM_SHORT:
		cut(t, t->len - 2); /* the last byte */
		break;
	case HARM_LONG:
		put(t, last + 1, "YWJj");
		break;
	case HARM_PADDED:
		text_add(t, "==");
		break;
	case HARM_BIT:
		*end = (char)(*end + 1);
		break;
	case HARM_FLIPPED:
		t->p[last + 9] = t->p[last + 9] == 'A' ? 'B' : 'A';
		break;
	case HARM_CLAIMS:
		put(t, first + 1, "e30.");
		cut(t, t->len);
		break;
	case HARM_HEADER:
		put(t, 0, "IA");
		break;
	case HARM_BLANK:
		put(t, first + 5, " ");
		break;
	case HARM_LINE:
		put(t, last + 5, "\n");
		break;
	case HARM_PLUS:
		t->p[last + 7] = '+';
		break;
	case HARM_SWAPPED:
		swap_parts(t);
		break;
	default:
		break;
	}
}

static void harms(void)
{
	static const struct {
		const char *what;
		enum reason want;
	} rows[HARM_COUNT] = {
		[HARM_NONE] = { "as it is", REASON_NONE },
		[HARM_UNSIGNED] = { "without its signature", REASON_SIGNATURE_LENGTH },
		[HARM_TWO_PARTS] = { "of two parts", REASON_MALFORMED },
		[HARM_FOUR_PARTS] = { "of four parts", REASON_MALFORMED },
		[HARM_FIVE_PARTS] = { "of five parts", REASON_ENCRYPTED },
		[HARM_SHORT] = { "cut", REASON_SIGNATURE_LENGTH },
		[HARM_LONG] = { "with more behind it", REASON_SIGNATURE_LENGTH },
		[HARM_PADDED] = { "padded", REASON_MALFORMED },
		[HARM_BIT] = { "with a bit that counts for nothing", REASON_MALFORMED },
		[HARM_FLIPPED] = { "with another signature", REASON_SIGNATURE },
		[HARM_CLAIMS] = { "with other claims before its own", REASON_MALFORMED },
		[HARM_HEADER] = { "with something before its header", REASON_MALFORMED },
		[HARM_BLANK] = { "with a blank", REASON_MALFORMED },
		[HARM_LINE] = { "with a line end", REASON_MALFORMED },
		[HARM_PLUS] = { "in base64", REASON_MALFORMED },
		[HARM_SWAPPED] = { "with its parts swapped", REASON_ALG },
	};

	for (int harm = 0; harm < HARM_COUNT; harm++) {
		AUTO_TEXT jwt = { 0 };

		entrant_add_token(NULL, NULL, &jwt);
		do_harm(&jwt, (enum harm)harm);
		expect(rows[harm].what, &jwt, rows[harm].want);
	}
}

/* Claims that were changed under a signature that was good for others. */
static void forged_claims(void)
{
	static const struct member role[] = { { "roles", "[\"Admin\"]" },
		{ NULL, NULL } };
	AUTO_TEXT good = { 0 };
	AUTO_TEXT other = { 0 };
	AUTO_TEXT forged = { 0 };

	entrant_add_token(NULL, NULL, &good);
	entrant_add_token(NULL, role, &other);
	text_add_bytes(&forged, other.p, (size_t)(strrchr(other.p, '.') - other.p));
	text_add(&forged, strrchr(good.p, '.'));
	expect("the other's signature", &forged, REASON_SIGNATURE);
	expect("its own", &other, REASON_NONE);
}

/* r and s of zero, or as large as the curve's order: signatures of nobody and everybody. */
static void empty_curve_signatures(void)
{
	static const struct {
		const char *what;
		unsigned char r, s;
	} rows[] = {
		{ "zeros", 0, 0 },
		{ "r is zero", 0, 1 },
		{ "s is zero", 1, 0 },
		{ "both are too large", 0xff, 0xff },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT header = { 0 };
		AUTO_TEXT claims = { 0 };
		AUTO_TEXT jwt = { 0 };
		char raw[64];

		memset(raw, rows[i].r, 32);
		memset(raw + 32, rows[i].s, 32);
		entrant_add_header("ES256", "ec", NULL, &header);
		entrant_add_claims(1, NULL, &claims);
		signer_add_base64url(header.p, header.len, &jwt);
		text_add(&jwt, ".");
		signer_add_base64url(claims.p, claims.len, &jwt);
		text_add(&jwt, ".");
		signer_add_base64url(raw, sizeof(raw), &jwt);
		expect(rows[i].what, &jwt, REASON_SIGNATURE);
	}
}

static void huge(void)
{
	for (size_t len = TOKEN_MAX - 1; len < TOKEN_MAX + 2; len++) {
		AUTO_TEXT jwt = { 0 };

		while (jwt.len < len)
			text_add_bytes(&jwt, "a", 1);
		expect("long", &jwt, len > TOKEN_MAX ? REASON_LARGE : REASON_MALFORMED);
	}
	for (int deep = 0; deep < 2; deep++) {
		AUTO_TEXT json = { 0 };
		AUTO_TEXT jwt = { 0 };
		struct member change[] = { { "groups", NULL }, { NULL, NULL } };

		for (int i = 0; i < 2000; i++)
			text_add(&json, deep ? "[" : i ? ",1" : "[1");
		for (int i = 0; i < (deep ? 2000 : 1); i++)
			text_add(&json, "]");
		change[0].json = text_peek(&json);
		entrant_add_token(NULL, change, &jwt);
		expect(deep ? "deep" : "many", &jwt, REASON_LARGE);
	}
}

static void no_token(void)
{
	static const struct {
		const char *text;
		size_t len;
		enum reason want;
	} rows[] = {
		{ "", 0, REASON_EMPTY },
		{ "a", 1, REASON_MALFORMED },
		{ ".", 1, REASON_MALFORMED },
		{ "..", 2, REASON_MALFORMED },
		{ "....", 4, REASON_ENCRYPTED },
		{ "e30..", 5, REASON_ALG },
		{ "e30.e30.", 8, REASON_ALG },
		{ "W10.e30.", 8, REASON_MALFORMED },
		{ "\0\0", 2, REASON_MALFORMED },
		{ "e30\0.e30.YQ", 11, REASON_MALFORMED },
		{ "\xff.\xff.\xff", 5, REASON_MALFORMED },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e = { .code = MITOK_OK };

		CHECK_ROW(rows[i].text,
			entrant_check(&verifier, rows[i].text, rows[i].len, &e) ==
				rows[i].want);
		CHECK_ROW(rows[i].text, e.code == MITOK_E_DENIED);
	}
}

/* A token as the claims of another: some readers unpack it (RFC 7519, section 7.2). */
static void nested(void)
{
	AUTO_TEXT inner = { 0 };
	AUTO_TEXT header = { 0 };
	AUTO_TEXT jwt = { 0 };

	entrant_add_token(NULL, NULL, &inner);
	entrant_add_header("RS256", "rsa", NULL, &header);
	signer_add_token(
		SIGNER_RSA, SIGNER_RS256, text_peek(&header), text_peek(&inner), &jwt);
	expect("nested", &jwt, REASON_NESTED);
}

static void memory(void)
{
	AUTO_TEXT jwt = { 0 };

	entrant_add_token(NULL, NULL, &jwt);
	for (unsigned n = 2; n < 4; n++) { /* the first is the copy of this test */
		struct mitok_err e = { .code = MITOK_OK };
		enum reason r;

		spy_fail(n);
		r = entrant_check(&verifier, jwt.p, jwt.len, &e);
		spy_fail(0);
		CHECK(r == REASON_NONE || (r == REASON_KEYS && e.code == MITOK_E_BUG));
		CHECK(n != 2 || r == REASON_KEYS);
	}
}

static void all_reasons(void)
{
	for (int a = REASON_EMPTY; a < REASON_COUNT; a++) {
		const struct reason_row *row = reason_row((enum reason)a);

		CHECK(row->word && row->about && row->word[0] && row->about[0]);
		for (const char *c = row->about; *c; c++) /* RFC 6750, section 3 */
			CHECK_ROW(row->word,
				*c >= ' ' && *c < 0x7f && *c != '"' && *c != '\\');
		for (int b = a + 1; b < REASON_COUNT; b++)
			CHECK_ROW(row->word,
				strcmp(row->word, reason_row((enum reason)b)->word) != 0);
	}
}

static const struct test tests[] = {
	{ "the algorithm is one of three and the key's own", algorithms },
	{ "a header brings nothing that is not asked for", headers },
	{ "a key in the header is not looked at", embedded_key },
	{ "nothing is said twice", duplicates },
	{ "a token that was harmed is refused", harms },
	{ "claims are not another token's", forged_claims },
	{ "ES256 takes no empty signature", empty_curve_signatures },
	{ "a token is no longer, larger and deeper than it may be", huge },
	{ "what is no token is told so", no_token },
	{ "a token in a token is refused", nested },
	{ "without memory no token is good", memory },
	{ "each reason has a word and a sentence of its own", all_reasons },
};

int main(void)
{
	int r;

	signer_start();
	entrant_start(&verifier);
	r = test_run(tests, COUNT(tests));
	entrant_end(&verifier);
	signer_end();
	return r;
}
