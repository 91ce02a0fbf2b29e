/* Two clocks and the dates that services write.
 * SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct moment clock_now(void)
{
	struct timespec real = { 0 }, boot = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &real);
	(void)clock_gettime(CLOCK_BOOTTIME, &boot);
	return (struct moment){
		.real_s = real.tv_sec,
		.boot_ms = (int64_t)boot.tv_sec * 1000 + boot.tv_nsec / 1000000,
	};
}

void clock_sleep(int64_t ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	if (ms > 0)
		while (nanosleep(&left, &left) < 0 && errno == EINTR)
			;
}

/* A date in pieces while it is read. */
struct date {
	const char *at;
	int year, month, day, hour, minute, second;
	int zone_s;
};

static bool skip(struct date *d, const char *word)
{
	if (!text_starts_nocase(d->at, word))
		return false;
	d->at += strlen(word);
	return true;
}

/* A number of min..max digits. */
static bool take(struct date *d, int min, int max, int *ret)
{
	int n = 0, digits = 0;

	while (digits < max && text_is_digit(d->at[digits]))
		n = n * 10 + d->at[digits++] - '0';
	if (digits < min || text_is_digit(d->at[digits]))
		return false;
	d->at += digits;
	*ret = n;
	return true;
}

static bool take_time(struct date *d)
{
	return take(d, 1, 2, &d->hour) && skip(d, ":") && take(d, 2, 2, &d->minute) &&
		skip(d, ":") && take(d, 2, 2, &d->second);
}

/* .NET prints AM and PM also behind 24 hour times, which stay what they are. */
static void take_half(struct date *d)
{
	if (skip(d, " AM") && d->hour == 12)
		d->hour = 0;
	else if (skip(d, " PM") && d->hour < 12 && d->hour > 0)
		d->hour += 12;
}

/* Nothing, "Z", "GMT", "UTC" or an offset. */
static bool take_zone(struct date *d)
{
	int hours, minutes, sign;

	(void)skip(d, " ");
	if (!*d->at || skip(d, "Z") || skip(d, "GMT") || skip(d, "UTC"))
		return !*d->at;
	sign = skip(d, "+") ? 1 : skip(d, "-") ? -1 : 0;
	if (!sign || !take(d, 2, 2, &hours) || !skip(d, ":") || !take(d, 2, 2, &minutes))
		return false;
	if (hours > 14 || minutes > 59)
		return false;
	d->zone_s = sign * (hours * 3600 + minutes * 60);
	return !*d->at;
}

/* 1/16/2020 5:24:12 AM +00:00, 06/20/2019 02:57:58 +00:00 (App Service). */
static bool read_american(struct date *d)
{
	if (!take(d, 1, 2, &d->month) || !skip(d, "/") || !take(d, 1, 2, &d->day) ||
		!skip(d, "/") || !take(d, 4, 4, &d->year) || !skip(d, " ") ||
		!take_time(d))
		return false;
	take_half(d);
	return take_zone(d);
}

/* 2024-10-18T19:51:37.0000000+00:00 (RFC 3339 with any number of decimals). */
static bool read_iso(struct date *d)
{
	if (!take(d, 4, 4, &d->year) || !skip(d, "-") || !take(d, 2, 2, &d->month) ||
		!skip(d, "-") || !take(d, 2, 2, &d->day) ||
		(!skip(d, "T") && !skip(d, " ")) || !take_time(d))
		return false;
	if (skip(d, ".")) {
		if (!text_is_digit(*d->at))
			return false;
		d->at += strspn(d->at, "0123456789");
	}
	return take_zone(d);
}

/* Tue, 24 Nov 2026 14:55:00 GMT (RFC 9110, section 5.6.7). */
static bool read_http(struct date *d)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	const char *comma = strchr(d->at, ',');

	if (!comma || comma - d->at != 3)
		return false;
	d->at = comma + 1;
	if (!skip(d, " ") || !take(d, 1, 2, &d->day) || !skip(d, " "))
		return false;
	for (d->month = 12; d->month > 0 && !skip(d, months[d->month - 1]);)
		d->month--;
	return skip(d, " ") && take(d, 4, 4, &d->year) && skip(d, " ") && take_time(d) &&
		take_zone(d);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t days_before(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool is_possible(const struct date *d)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (d->year % 4 == 0 && d->year % 100 != 0) || d->year % 400 == 0;

	if (d->year < 1970 || d->month < 1 || d->month > 12 || d->day < 1)
		return false;
	if (d->day > days[d->month - 1] || (d->month == 2 && d->day == 29 && !leap))
		return false;
	return d->hour < 24 && d->minute < 60 && d->second <= 60;
}

bool clock_parse_date(const char *s, int64_t *ret)
{
	static bool (*const forms[])(
		struct date *) = { read_american, read_iso, read_http };
	int64_t seconds;

	if (text_to_number(s, 0, CLOCK_MAX_S, ret))
		return true;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct date d = { .at = s };

		if (!forms[i](&d) || !is_possible(&d))
			continue;
		seconds = days_before(d.year, d.month, d.day) * 86400 +
			d.hour * INT64_C(3600) + d.minute * INT64_C(60) + d.second -
			d.zone_s;
		if (seconds < 0 || seconds > CLOCK_MAX_S)
			return false;
		*ret = seconds;
		return true;
	}
	return false;
}

bool clock_parse_local(const char *s, int64_t *ret)
{
	struct tm tm;
	time_t t;
	int64_t n;

	if (!clock_parse_date(s, &n))
		return false;
	t = (time_t)n;
	if (!gmtime_r(&t, &tm)) /* the fields as they were written */
		return false;
	tm.tm_isdst = -1;
	t = mktime(&tm);
	if (t < 0 || t > CLOCK_MAX_S)
		return false;
	*ret = t;
	return true;
}

/* Not by gmtime_r(), which takes the C library's lock of the time zone: a fork() in another
 * thread could leave it locked. */
void clock_format(int64_t real_s, char ret[CLOCK_TEXT_SIZE])
{
	/* Years begin in March here, so that the leap day is the last; 719468 days are from
	 * the first of March of the year 0 to 1970. */
	int64_t days = real_s / 86400 + 719468, era = days / 146097;
	int64_t of_era = days % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	if (real_s < 0 || real_s > CLOCK_MAX_S) {
		(void)snprintf(ret, CLOCK_TEXT_SIZE, "(no date)");
		return;
	}
	(void)snprintf(ret, CLOCK_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ",
		(int)(year + era * 400 + (month >= 10)),
		(int)(month < 10 ? month + 3 : month - 9),
		(int)(of_year - (153 * month + 2) / 5 + 1), (int)(real_s / 3600 % 24),
		(int)(real_s / 60 % 60), (int)(real_s % 60));
}

void clock_add_length(struct text *t, int64_t seconds)
{
	long long n = seconds < 0 ? -seconds : seconds;

	if (n >= 3600)
		text_addf(t, "%lld h %lld min", n / 3600, n % 3600 / 60);
	else if (n >= 60)
		text_addf(t, "%lld min", n / 60);
	else
		text_addf(t, "%lld s", n);
}

void clock_add_span(struct text *t, int64_t seconds)
{
	text_add(t, seconds < 0 ? "" : "in ");
	clock_add_length(t, seconds);
	text_add(t, seconds < 0 ? " ago" : "");
}
