/* Dates as services write them.
 * SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include "test.h"

static void dates(void)
{
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = {
		{ "1586984735", 1586984735 },
		{ "0", 0 },
		{ "1/16/2020 5:24:12 AM +00:00", 1579152252 },
		{ "1/16/2020 12:24:12 AM +00:00", 1579134252 },
		{ "1/16/2020 12:24:12 PM", 1579177452 },
		{ "1/16/2020 5:24:12 PM +00:00", 1579195452 },
		{ "06/20/2019 02:57:58 +00:00", 1560999478 },
		{ "09/14/2017 00:00:00 PM +00:00", 1505347200 },
		{ "2024-10-18T19:51:37.0000000+00:00", 1729281097 },
		{ "2024-10-18T19:51:37Z", 1729281097 },
		{ "2024-10-18T21:51:37+02:00", 1729281097 },
		{ "2024-10-18 19:51:37", 1729281097 },
		{ "Fri, 18 Oct 2024 19:51:37 GMT", 1729281097 },
		{ "2024-02-29T00:00:00Z", 1709164800 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "9999-12-31T23:59:59Z", CLOCK_MAX_S },
		{ "2023-02-29T00:00:00Z", -1 },
		{ "2024-13-01T00:00:00Z", -1 },
		{ "2024-00-01T00:00:00Z", -1 },
		{ "2024-01-01T24:00:00Z", -1 },
		{ "2024-01-01T00:60:00Z", -1 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "1970-01-01T00:00:00+01:00", -1 },
		{ "9999-12-31T23:59:59-01:00", -1 },
		{ "2024-10-18T19:51:37.Z", -1 },
		{ "2024-10-18T19:51:37 x", -1 },
		{ "2024-10-18", -1 },
		{ "13/01/2020 00:00:00", -1 },
		{ "Fri, 18 Xyz 2024 19:51:37 GMT", -1 },
		{ "-1", -1 },
		{ "253402300800", -1 },
		{ "99999999999999999999", -1 },
		{ "1e9", -1 },
		{ " 1", -1 },
		{ "", -1 },
		{ "tomorrow", -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t got = -1;
		bool good = clock_parse_date(rows[i].text, &got);

		CHECK_ROW(rows[i].text, good == (rows[i].want >= 0));
		CHECK_ROW(rows[i].text, !good || got == rows[i].want);
	}
}

static void formats(void)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(1729281097, text);
	CHECK_TEXT(text, "2024-10-18T19:51:37Z");
	clock_format(CLOCK_MAX_S, text);
	CHECK_TEXT(text, "9999-12-31T23:59:59Z");
	clock_format(0, text);
	CHECK_TEXT(text, "1970-01-01T00:00:00Z");
	clock_format(951782399, text);
	CHECK_TEXT(text, "2000-02-28T23:59:59Z");
	clock_format(951782400, text);
	CHECK_TEXT(text, "2000-02-29T00:00:00Z");
	clock_format(951868800, text);
	CHECK_TEXT(text, "2000-03-01T00:00:00Z");
	clock_format(4107542399, text);
	CHECK_TEXT(text, "2100-02-28T23:59:59Z");
	clock_format(4107542400, text);
	CHECK_TEXT(text, "2100-03-01T00:00:00Z");
	clock_format(-1, text);
	CHECK_TEXT(text, "(no date)");
	clock_format(INT64_MAX, text);
	CHECK_TEXT(text, "(no date)");
}

static void sleeping(void)
{
	struct moment before = clock_now(), after;

	clock_sleep(-1);
	clock_sleep(20);
	after = clock_now();
	CHECK(after.boot_ms >= before.boot_ms + 20);
	CHECK(before.real_s > 1700000000);
}

static const struct test tests[] = {
	{ "every form of date that is known is read, nothing else is", dates },
	{ "dates are written in one form", formats },
	{ "a sleep lasts at least as long as it should", sleeping },
};
TEST_MAIN(tests)
