/* Role assignments and findings in the formats of mi-token roles.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_ROLES_PRINT_H
#define MI_TOKEN_HELPER_ROLES_PRINT_H

#include "roles.h"

enum print_format {
	PRINT_TABLE,
	PRINT_TSV,
	PRINT_CSV,
	PRINT_JSON,
	PRINT_MARKDOWN,
};
/* "table" and so on; false: there is none of that name. */
bool print_find(const char *name, enum print_format *ret) MUST_CHECK;

/* What is written; a part of it is on standard output already. */
struct print {
	struct text text;
	enum mitok_code code; /* of the first failure, which err says */
	struct mitok_err err;
};
/* Writes when there is enough; print_end() writes the rest and frees. */
void print_flush(struct print *p);
enum mitok_code print_end(struct print *p, struct mitok_err *e) MUST_CHECK;

enum mitok_code print_roles(
	const struct roles *r, enum print_format format, struct mitok_err *e) MUST_CHECK;
/* The table of assignments and the list of findings, for a page that has more. */
void print_markdown(struct print *p, const struct roles *r);
void print_json(struct print *p, const struct roles *r);
/* "12 role assignments, 3 findings (1 high, 2 low)". */
void print_summary(const struct roles *r, struct text *ret);

/* The columns that all formats but JSON have, from left to right. */
enum print_column {
	COLUMN_ROLE,
	COLUMN_SCOPE,
	COLUMN_CONDITION,
	COLUMN_INHERITED,
	COLUMN_PRINCIPAL,
	COLUMN_CREATED,
	COLUMN_FINDINGS,
	COLUMNS_READ, /* by people; the others are for programs alone */
	COLUMN_SCOPE_ID = COLUMNS_READ,
	COLUMN_PRINCIPAL_ID,
	COLUMN_ASSIGNMENT_ID,
	COLUMNS,
};
const char *print_head(enum print_column column);
void print_add_cell(const struct roles *r, const struct assignment *a,
	enum print_column column, struct text *ret);

/* One field as a format wants it: RFC 4180, with what spreadsheets take for a formula
 * defused; or a cell of a Markdown table. */
void print_add_csv(struct text *t, const char *field);
void print_add_markdown(struct text *t, const char *cell);

#endif
