/* A page of Markdown about this machine's identity, for a runbook.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_REPORT_PAGE_H
#define MI_TOKEN_HELPER_REPORT_PAGE_H

#include "../roles/print.h"
#include "../roles/self.h"

struct page {
	struct client *c;
	const char *subscription; /* as --subscription; NULL: all */
	struct progress *progress;

	struct print out;
	struct self self;
	bool has_token;
	struct mitok_err
		first; /* what could not be read first; code 0: the page is whole */
};

/* The parts, from the top down. Each says what it could not read, and why. */
void page_head(struct page *p);
void page_machine(struct page *p);
void page_identity(struct page *p, const struct mitok_err *why); /* there is no token */
void page_roles(struct page *p);
void page_tools(struct page *p);
void page_units(struct page *p);
void page_end(struct page *p);

/* "Not read: why", and what to do. Counts for the exit status. */
void page_missing(struct page *p, const struct mitok_err *e);

/* A row of a table of two columns; nothing when the value is empty. */
void page_row(struct page *p, const char *name, const char *value);

/* What a name of the form {app}-{env}-identity says. Both texts have room for all of it;
 * false: it has another form. */
bool page_read_name(const char *name, char *ret_app, char *ret_env) MUST_CHECK;
#define PAGE_NAME_SIZE 300
/* Which of the habits a tag keeps: "owner" and so on; NULL: none that is looked for. */
const char *page_tag_kind(const char *tag);

#endif
