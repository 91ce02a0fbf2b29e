/* Cache files: what is torn, changed or foreign is no record.
 * SPDX-License-Identifier: MIT */
#include "core/record.h"

#include "test.h"

struct sample {
	char text[16];
	int64_t number;
	int code;
	struct secret secret;
	struct text bytes;
};

static const struct record_field fields[] = {
	RECORD_FIELD(struct sample, "text", RECORD_TEXT, text),
	RECORD_FIELD(struct sample, "number", RECORD_NUMBER, number),
	RECORD_FIELD(struct sample, "code", RECORD_CODE, code),
	RECORD_FIELD(struct sample, "secret", RECORD_SECRET, secret),
	RECORD_FIELD(struct sample, "bytes", RECORD_BYTES, bytes),
	{ NULL, RECORD_TEXT, 0, 0 },
};

/* What lines and texts are made of means nothing in bytes. */
#define BYTES "\n\0sum \n"

static void done(struct sample *s)
{
	secret_wipe(&s->secret);
	text_free(&s->bytes);
}

static struct secret written(const char *text, const char *secret)
{
	struct sample s = { .number = -42, .code = 7 };
	struct secret file = { 0 };

	CHECK(TEXT_COPY(s.text, text));
	CHECK(secret_add_text(&s.secret, secret));
	text_add_bytes(&s.bytes, BYTES, sizeof(BYTES));
	CHECK(record_format(fields, "the|key", &s, &file));
	done(&s);
	return file;
}

static bool reads(const char *bytes, size_t len, const char *key)
{
	struct sample s = { .number = 0 };
	AUTO_SECRET file = { 0 };
	bool good;

	if (!secret_add(&file, bytes, len))
		return false;
	good = record_parse(fields, key, &file, &s);
	done(&s);
	return good;
}

static void round_trip(void)
{
	AUTO_SECRET file = written("hello", SPY_MARK);
	struct sample s = { .number = 0 };

	CHECK(record_parse(fields, "the|key", &file, &s));
	CHECK_TEXT(s.text, "hello");
	CHECK(s.number == -42 && s.code == 7);
	CHECK_TEXT(secret_peek(&s.secret), SPY_MARK);
	CHECK(s.bytes.len == sizeof(BYTES) && !memcmp(s.bytes.p, BYTES, sizeof(BYTES)));
	done(&s);
	secret_wipe(&file);
	CHECK(spy_leaks == 0);
}

static void every_prefix(void)
{
	AUTO_SECRET file = written("hello", "secret");

	for (size_t len = 0; len < file.len; len++)
		CHECK(!reads(secret_peek(&file), len, "the|key"));
	CHECK(secret_add(&file, "\n", 1));
	CHECK(!reads(secret_peek(&file), file.len, "the|key"));
}

static void every_bit(void)
{
	AUTO_SECRET file = written("hello", "secret");

	for (size_t bit = 0; bit < file.len * 8; bit++) {
		file.p[bit / 8] = (char)(file.p[bit / 8] ^ (1 << bit % 8));
		CHECK(!reads(secret_peek(&file), file.len, "the|key"));
		file.p[bit / 8] = (char)(file.p[bit / 8] ^ (1 << bit % 8));
	}
	CHECK(reads(secret_peek(&file), file.len, "the|key"));
}

static void foreign(void)
{
	AUTO_SECRET file = written("hello", "secret");

	CHECK(!reads(secret_peek(&file), file.len, "the|other"));
	CHECK(!reads(secret_peek(&file), file.len, "the|key2"));
	CHECK(!reads(secret_peek(&file), file.len, "the"));
	CHECK(reads(secret_peek(&file), file.len, NULL));
}

#define HEAD "mi-token cache 1\nkey the|key\ntext a\nnumber 1\ncode 7\nsecret s\n"

/* Right checksums over wrong contents, as a buggy or hostile writer would leave them. */
static void well_summed_nonsense(void)
{
	static const char *const bodies[] = {
		"mi-token cache 1\nkey the|key\n",
		"mi-token cache 1\nkey the|key\ntext a\nnumber x\ncode 7\nsecret "
		"s\nbytes 1\nb\n",
		"mi-token cache 1\nkey the|key\ntext a\nnumber "
		"99999999999999999999\ncode 7\n"
		"secret s\nbytes 1\nb\n",
		"mi-token cache 1\nkey the|key\ntext a\nnumber 1\ncode "
		"4294967296\nsecret s\nbytes 1\nb\n",
		"mi-token cache 1\nkey the|key\ntext 0123456789abcdef\nnumber 1\ncode 7\n"
		"secret s\nbytes 1\nb\n",
		"mi-token cache 1\nkey the|key\ntext a\x1b[1m\nnumber 1\ncode 7\nsecret "
		"s\nbytes 1\nb\n",
		"mi-token cache 1\nkey the|key\nnumber 1\ntext a\ncode 7\nsecret "
		"s\nbytes 1\nb\n",
		"mi-token cache 1\nkey the|key\ntext a\nnumber 1\ncode 7\nsecret "
		"s\nbytes 1\nb\nmore m\n",
		"mi-token cache 2\nkey the|key\ntext a\nnumber 1\ncode 7\nsecret "
		"s\nbytes 1\nb\n",
		"mi-token cache 1\nkey the|key\ntext a\nnumber 1\ncode 7\nsecret s\n",
		HEAD "bytes 0\nb\n",
		HEAD "bytes 2\nb\n",
		HEAD "bytes 3\nb\n",
		HEAD "bytes 1\nbc",
		HEAD "bytes 1\n",
		HEAD "bytes -1\nb\n",
		HEAD "bytes 18446744073709551617\nb\n",
		HEAD "bytes 9223372036854775807\nb\n",
		HEAD "bytes b\n",
	};

	for (size_t i = 0; i < COUNT(bodies); i++) {
		char file[256];
		int n = snprintf(file, sizeof(file), "%ssum %016llx\n", bodies[i],
			(unsigned long long)text_hash(bodies[i], strlen(bodies[i])));

		CHECK_ROW(bodies[i], !reads(file, (size_t)n, "the|key"));
	}
}

static void without_memory(void)
{
	AUTO_SECRET file = written("hello", "secret");
	AUTO_SECRET out = { 0 };
	struct sample s = { .number = 1 };

	CHECK(secret_add_text(&s.secret, SPY_MARK));
	text_add_bytes(&s.bytes, BYTES, sizeof(BYTES));
	for (unsigned n = 1; n < 8; n++) {
		spy_fail(n);
		if (record_format(fields, "k", &s, &out))
			secret_wipe(&out);
		spy_fail(n);
		(void)!reads(secret_peek(&file), file.len, "the|key");
		spy_fail(0);
	}
	done(&s);
	CHECK(spy_leaks == 0);
}

static const struct test tests[] = {
	{ "what was written is read back", round_trip },
	{ "a torn file is no record, wherever it was torn", every_prefix },
	{ "a file with any bit flipped is no record", every_bit },
	{ "another key's file is no record", foreign },
	{ "a good checksum does not make nonsense a record", well_summed_nonsense },
	{ "running out of memory loses the record and nothing else", without_memory },
};
TEST_MAIN(tests)
