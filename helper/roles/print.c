/* Role assignments and findings in rows: table, tsv, csv, markdown.
 * SPDX-License-Identifier: MIT */
#include "print.h"

#include <string.h>

#include "../output/format.h"
#include "../process.h"

#define FLUSH_AT      ((size_t)64 * 1024)
/* A terminal has no room for more of a condition. */
#define CONDITION_MAX 40

bool print_find(const char *name, enum print_format *ret)
{
	static const char *const names[] = {
		[PRINT_TABLE] = "table",
		[PRINT_TSV] = "tsv",
		[PRINT_CSV] = "csv",
		[PRINT_JSON] = "json",
		[PRINT_MARKDOWN] = "markdown",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], name) == 0) {
			*ret = (enum print_format)i;
			return true;
		}
	return false;
}

static void write_out(struct print *p)
{
	if (!p->code && !text_ok(&p->text))
		p->code = err_memory(&p->err);
	if (!p->code && p->text.len)
		p->code = process_print(p->text.p, p->text.len, &p->err);
	text_free(&p->text);
}

void print_flush(struct print *p)
{
	if (p->text.len >= FLUSH_AT || p->text.failed)
		write_out(p);
}

enum mitok_code print_end(struct print *p, struct mitok_err *e)
{
	write_out(p);
	if (p->code)
		*e = p->err;
	return p->code;
}

const char *print_head(enum print_column column)
{
	static const char *const heads[COLUMNS] = {
		[COLUMN_ROLE] = "role",
		[COLUMN_SCOPE] = "scope",
		[COLUMN_CONDITION] = "condition",
		[COLUMN_INHERITED] = "inherited",
		[COLUMN_PRINCIPAL] = "principal",
		[COLUMN_CREATED] = "created",
		[COLUMN_FINDINGS] = "findings",
		[COLUMN_SCOPE_ID] = "scope_id",
		[COLUMN_PRINCIPAL_ID] = "principal_id",
		[COLUMN_ASSIGNMENT_ID] = "assignment_id",
	};

	return heads[column];
}

static void add_findings(const struct assignment *a, struct text *ret)
{
	const char *comma = "";

	for (unsigned f = 0; f < FINDINGS; f++) {
		if (!(a->findings & 1u << f))
			continue;
		text_addf(ret, "%s%s", comma, finding_name((enum finding)f));
		comma = " ";
	}
}

void print_add_cell(const struct roles *r, const struct assignment *a,
	enum print_column column, struct text *ret)
{
	switch (column) {
	case COLUMN_ROLE:
		roles_add_role(a, ret);
		return;
	case COLUMN_SCOPE:
		roles_add_scope(r, a->scope, ret);
		return;
	case COLUMN_CONDITION:
		text_add(ret, a->condition);
		return;
	case COLUMN_INHERITED:
		text_add(ret, a->is_inherited ? "yes" : "no");
		return;
	case COLUMN_PRINCIPAL:
		roles_add_principal(r, a, ret);
		return;
	case COLUMN_CREATED:
		text_add_bytes(ret, a->created, strcspn(a->created, "T"));
		return;
	case COLUMN_FINDINGS:
		add_findings(a, ret);
		return;
	case COLUMN_SCOPE_ID:
		text_add(ret, a->scope);
		return;
	case COLUMN_PRINCIPAL_ID:
		text_add(ret, r->principals[a->principal].id);
		return;
	default:
		text_add(ret, a->id);
	}
}

/* The cell is made in scratch, which is emptied first. */
static const char *cell(
	const struct roles *r, size_t row, enum print_column column, struct text *scratch)
{
	text_free(scratch);
	print_add_cell(r, &r->assignments[row], column, scratch);
	if (column == COLUMN_CONDITION && scratch->len > CONDITION_MAX && scratch->p) {
		size_t len = CONDITION_MAX;

		while (len && ((unsigned char)scratch->p[len] & 0xc0) == 0x80)
			len--;
		scratch->p[len] = '\0';
		scratch->len = len;
		text_add(scratch, "...");
	}
	return text_peek(scratch);
}

static size_t width_of(const char *s)
{
	long width = format_width(s, strlen(s));

	return width < 0 ? strlen(s) : (size_t)width;
}

static void add_padded(struct print *p, const char *s, size_t width, bool is_last)
{
	size_t have = width_of(s);

	text_add(&p->text, s);
	for (; !is_last && have < width + 2; have++)
		text_add(&p->text, " ");
}

static void print_rows(struct print *p, const struct roles *r)
{
	AUTO_TEXT scratch = { 0 };
	size_t widths[COLUMNS_READ];

	for (unsigned c = 0; c < COLUMNS_READ; c++) {
		widths[c] = strlen(print_head(c));
		for (size_t i = 0; i < r->assignment_count; i++) {
			size_t width = width_of(cell(r, i, c, &scratch));

			widths[c] = width > widths[c] ? width : widths[c];
		}
	}
	for (size_t i = 0; i <= r->assignment_count; i++) {
		for (unsigned c = 0; c < COLUMNS_READ; c++)
			add_padded(p, i ? cell(r, i - 1, c, &scratch) : print_head(c),
				widths[c], c == COLUMNS_READ - 1);
		while (p->text.len && p->text.p[p->text.len - 1] == ' ')
			p->text.p[--p->text.len] = '\0';
		text_add(&p->text, "\n");
		print_flush(p);
	}
}

void print_summary(const struct roles *r, struct text *ret)
{
	size_t count = 0, places = 0;
	const char *comma = "";

	for (unsigned s = 0; s < SEVERITIES; s++)
		count += r->by_severity[s];
	for (size_t i = 0; i < r->place_count; i++)
		places += r->places[i].err.code != MITOK_OK;
	text_addf(ret, "%zu role assignment%s, %zu finding%s", r->assignment_count,
		r->assignment_count == 1 ? "" : "s", count, count == 1 ? "" : "s");
	if (count)
		text_add(ret, " (");
	for (unsigned s = SEVERITIES; s--;)
		if (r->by_severity[s]) {
			text_addf(ret, "%s%zu %s", comma, r->by_severity[s],
				severity_name((enum severity)s));
			comma = ", ";
		}
	text_add(ret, count ? ")" : "");
	if (places)
		text_addf(ret, "; not whole: %zu of %zu scopes could not be read", places,
			r->place_count);
}

static void add_cure(struct print *p, const struct roles *r, const struct assignment *a,
	enum finding f)
{
	AUTO_TEXT cure = { 0 };
	const char *line;

	finding_cure(r, a, f, &cure);
	for (line = text_peek(&cure); *line; line += *line == '\n') {
		size_t len = strcspn(line, "\n");

		text_add(&p->text, "\n        ");
		text_add_bytes(&p->text, line, len);
		line += len;
	}
	text_add(&p->text, "\n");
}

/* Each finding with its cure, the worst first. */
static void print_findings(struct print *p, const struct roles *r)
{
	for (unsigned s = SEVERITIES; s--;)
		for (size_t i = 0; r->by_severity[s] && i < r->assignment_count; i++)
			for (unsigned f = 0; f < FINDINGS; f++) {
				const struct assignment *a = &r->assignments[i];

				if (!(a->findings & 1u << f) ||
					finding_severity(r, a, f) != s)
					continue;
				text_addf(&p->text, "%-6s  %s: ", severity_name(s),
					finding_name(f));
				finding_message(r, a, f, &p->text);
				add_cure(p, r, a, f);
				print_flush(p);
			}
}

static void print_table(struct print *p, const struct roles *r)
{
	if (r->assignment_count) {
		print_rows(p, r);
		text_add(&p->text, "\n");
	}
	print_findings(p, r);
	print_summary(r, &p->text);
	text_add(&p->text, "\n");
}

static void print_tsv(struct print *p, const struct roles *r)
{
	for (size_t i = 0; i < r->assignment_count; i++) {
		for (unsigned c = 0; c < COLUMNS; c++) {
			text_add(&p->text, c ? "\t" : "");
			print_add_cell(r, &r->assignments[i], c, &p->text);
		}
		text_add(&p->text, "\n");
		print_flush(p);
	}
}

void print_add_csv(struct text *t, const char *field)
{
	bool quoted = strpbrk(field, ",\"\r\n") || field[0] == ' ';
	/* A spreadsheet calculates what begins so. */
	bool defused = field[0] && strchr("=+-@\t\r", field[0]);

	text_add(t, quoted || defused ? "\"" : "");
	text_add(t, defused ? "'" : "");
	for (; *field; field++)
		text_add_bytes(t, *field == '"' ? "\"\"" : field, *field == '"' ? 2 : 1);
	text_add(t, quoted || defused ? "\"" : "");
}

static void print_csv(struct print *p, const struct roles *r)
{
	AUTO_TEXT scratch = { 0 };

	for (unsigned c = 0; c < COLUMNS; c++)
		text_addf(&p->text, "%s%s", c ? "," : "", print_head(c));
	text_add(&p->text, "\r\n");
	for (size_t i = 0; i < r->assignment_count; i++) {
		for (unsigned c = 0; c < COLUMNS; c++) {
			text_free(&scratch);
			print_add_cell(r, &r->assignments[i], c, &scratch);
			text_add(&p->text, c ? "," : "");
			print_add_csv(&p->text, text_peek(&scratch));
		}
		text_add(&p->text, "\r\n");
		print_flush(p);
	}
}

/* CommonMark 0.30, section 2.4, and what the tables of GFM add. */
void print_add_markdown(struct text *t, const char *cell_text)
{
	for (; *cell_text; cell_text++) {
		text_add(t, strchr("\\`*_[]<>|~&", *cell_text) ? "\\" : "");
		text_add_bytes(t, strchr("\r\n", *cell_text) ? " " : cell_text, 1);
	}
}

/* Commands are code, the rest is words. */
static void add_markdown_cure(struct text *t, const char *cure)
{
	while (*cure) {
		size_t len = strcspn(cure, "\n");
		AUTO_TEXT line = { 0 };

		text_add_bytes(&line, cure, len);
		text_add(t, "\n  - ");
		if (text_starts(cure, "az ") && !strchr(text_peek(&line), '`'))
			text_addf(t, "`%s`", text_peek(&line));
		else
			print_add_markdown(t, text_peek(&line));
		cure += len + (cure[len] == '\n');
	}
	text_add(t, "\n");
}

static void add_markdown_finding(
	struct print *p, const struct roles *r, size_t row, enum finding f)
{
	const struct assignment *a = &r->assignments[row];
	AUTO_TEXT words = { 0 }, cure = { 0 };

	finding_message(r, a, f, &words);
	finding_cure(r, a, f, &cure);
	text_addf(&p->text, "- **%s** %s: ", severity_name(finding_severity(r, a, f)),
		finding_name(f));
	print_add_markdown(&p->text, text_peek(&words));
	add_markdown_cure(&p->text, text_peek(&cure));
	print_flush(p);
}

static void add_markdown_rows(struct print *p, const struct roles *r)
{
	AUTO_TEXT scratch = { 0 };

	for (unsigned c = 0; c < COLUMNS_READ; c++)
		text_addf(&p->text, "| %s ", print_head(c));
	text_add(&p->text, "|\n");
	for (unsigned c = 0; c < COLUMNS_READ; c++)
		text_add(&p->text, "| --- ");
	text_add(&p->text, "|\n");
	for (size_t i = 0; i < r->assignment_count; i++) {
		for (unsigned c = 0; c < COLUMNS_READ; c++) {
			text_add(&p->text, "| ");
			print_add_markdown(&p->text, cell(r, i, c, &scratch));
			text_add(&p->text, " ");
		}
		text_add(&p->text, "|\n");
		print_flush(p);
	}
	text_add(&p->text, "\n");
}

void print_markdown(struct print *p, const struct roles *r)
{
	size_t before = r->by_severity[SEVERITY_LOW] + r->by_severity[SEVERITY_MEDIUM] +
		r->by_severity[SEVERITY_HIGH];

	if (r->assignment_count)
		add_markdown_rows(p, r);
	for (unsigned s = SEVERITIES; s--;)
		for (size_t i = 0; r->by_severity[s] && i < r->assignment_count; i++)
			for (unsigned f = 0; f < FINDINGS; f++)
				if (r->assignments[i].findings & 1u << f &&
					finding_severity(r, &r->assignments[i], f) == s)
					add_markdown_finding(p, r, i, f);
	text_add(&p->text, before ? "\n" : "");
	print_summary(r, &p->text);
	text_add(&p->text, "\n");
}

enum mitok_code print_roles(
	const struct roles *r, enum print_format format, struct mitok_err *e)
{
	static void (*const rows[])(struct print *, const struct roles *) = {
		[PRINT_TABLE] = print_table,
		[PRINT_TSV] = print_tsv,
		[PRINT_CSV] = print_csv,
		[PRINT_JSON] = print_json,
		[PRINT_MARKDOWN] = print_markdown,
	};
	struct print p = { .code = MITOK_OK };

	rows[format](&p, r);
	return print_end(&p, e);
}
