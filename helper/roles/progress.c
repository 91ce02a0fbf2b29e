/* Tells on stderr how far something is that takes long.
 * SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define SILENT_MS 1000 /* at first */
#define PAUSE_MS  200  /* between two of them */

void progress_start(struct progress *p, bool verbose)
{
	bool terminal = isatty(STDERR_FILENO) == 1;

	*p = (struct progress){
		.on = verbose || terminal,
		.lines = verbose || !terminal,
		.start_ms = clock_now().boot_ms,
	};
}

void progress_tell(struct progress *p, const char *fmt, ...)
{
	char line[160];
	int64_t now;
	va_list ap;

	if (!p || !p->on)
		return;
	now = clock_now().boot_ms;
	if (now - p->start_ms < SILENT_MS || now - p->last_ms < PAUSE_MS)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_clean(line);
	if (p->lines)
		(void)fprintf(stderr, "mi-token: %s\n", line);
	else
		(void)fprintf(stderr, "\r\033[K%.78s", line);
	(void)fflush(stderr);
	p->is_drawn = !p->lines;
	p->last_ms = now;
}

void progress_end(struct progress *p)
{
	if (!p || !p->is_drawn)
		return;
	(void)fputs("\r\033[K", stderr);
	(void)fflush(stderr);
	p->is_drawn = false;
}
