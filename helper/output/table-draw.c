/* Lines of a table: columns two blanks apart, all to the left, a rule under the heads; cells
 * of several lines where there are any. The rules are those of Python's tabulate with its
 * format "simple", numbers not parsed.
 * SPDX-License-Identifier: MIT */
#include "table.h"

#include <string.h>

/* A piece of text. */
struct span {
	const char *p;
	size_t len;
};

/* One line of a cell, and the blanks that follow it. */
struct piece {
	struct span text;
	long blanks;
};

/* A cell's lines. */
struct block {
	struct piece *pieces;
	size_t count;
};

struct drawing {
	struct writer *w;
	const struct table *t;
	struct span *cells;   /* row by row, the heads' first */
	struct block *blocks; /* the same in lines */
	long *widths;         /* of columns */
	long *finals;         /* the same when their lines are cut */
	bool has_lines;       /* some cell has several */
};

/* Without the white space at its end, as Python's rstrip(). */
static struct span strip_end(struct span s)
{
	const char *end = s.p + s.len;
	uint32_t c;
	size_t n;

	s.len = 0;
	for (const char *p = s.p; p < end; p += n) {
		n = format_char(p, end, &c);
		if (!format_is_space(c))
			s.len = (size_t)(p + n - s.p);
	}
	return s;
}

static struct span strip(struct span s)
{
	uint32_t c;
	size_t n;

	while (s.len) {
		n = format_char(s.p, s.p + s.len, &c);
		if (!format_is_space(c))
			break;
		s.p += n;
		s.len -= n;
	}
	return strip_end(s);
}

static struct span cell_text(struct drawing *d, const struct value *v)
{
	struct writer text = { .arena = d->w->arena };

	if (v->kind == VALUE_NULL)
		return (struct span){ "", 0 };
	if (v->kind == VALUE_TEXT)
		return (struct span){ v->text, v->len };
	format_python(&text, v);
	d->w->failed = d->w->failed || text.failed;
	return d->w->failed ? (struct span){ "", 0 } : (struct span){ text.p, text.len };
}

static bool has_line(struct span s)
{
	return memchr(s.p, '\n', s.len) || memchr(s.p, '\r', s.len);
}

/* All texts; whether any has lines is seen before blanks are cut. */
static bool take_cells(struct drawing *d)
{
	const struct table *t = d->t;
	size_t count = (t->count + 1) * t->columns;
	struct span *cell;

	d->cells = writer_take(d->w, count, sizeof(*d->cells));
	if (!d->cells)
		return false;
	for (size_t i = 0; i < count; i++)
		d->cells[i] = (struct span){ "", 0 };
	for (size_t i = 0; i < t->columns; i++)
		d->cells[i] = (struct span){ t->heads[i], strlen(t->heads[i]) };
	for (size_t row = 0; row < t->count; row++) {
		for (struct table_cell *c = t->rows[row]; c; c = c->next) {
			cell = &d->cells[(row + 1) * t->columns + c->column];
			*cell = cell_text(d, c->value);
		}
	}
	for (size_t i = 0; i < count; i++) {
		d->has_lines = d->has_lines || has_line(d->cells[i]);
		if (i >= t->columns)
			d->cells[i] = strip(d->cells[i]);
	}
	return !d->w->failed;
}

/* The next line of *s up to \r or \n, one character of which ends it; false: there is none.
 * A text has one line more than line ends. */
static bool next_part(struct span *s, struct span *ret)
{
	size_t n = 0;

	if (!s->p)
		return false;
	while (n < s->len && s->p[n] != '\n' && s->p[n] != '\r')
		n++;
	*ret = (struct span){ s->p, n };
	*s = n < s->len ? (struct span){ s->p + n + 1, s->len - n - 1 }
			: (struct span){ NULL, 0 };
	return true;
}

/* The next line as Python's splitlines() cuts it; an end at the end begins no other. */
static bool next_line(struct span *s, struct span *ret)
{
	const char *p = s->p, *end = s->p + s->len, *stop;
	uint32_t c = 0;

	if (!s->len)
		return false;
	for (stop = p; p < end; stop = p) {
		p += format_char(p, end, &c);
		if (format_is_line_end(c))
			break;
	}
	*ret = (struct span){ s->p, (size_t)(stop - s->p) };
	if (c == '\r' && p < end && *p == '\n')
		p++;
	*s = (struct span){ p, (size_t)(end - p) };
	return true;
}

/* The widest line of a text; -1 is that of one with control characters. */
static long measure(const struct drawing *d, struct span s)
{
	struct span line;
	long widest = -1, width;

	if (!d->has_lines)
		return format_width(s.p, s.len);
	while (next_part(&s, &line)) {
		width = format_width(line.p, line.len);
		widest = width > widest ? width : widest;
	}
	return widest;
}

static void measure_columns(struct drawing *d)
{
	const size_t columns = d->t->columns;
	long width;

	for (size_t i = 0; i < columns; i++)
		d->widths[i] = measure(d, d->cells[i]) + 2;
	for (size_t i = columns; i < (d->t->count + 1) * columns; i++) {
		width = measure(d, d->cells[i]);
		if (width > d->widths[i % columns])
			d->widths[i % columns] = width;
	}
}

static bool add_piece(struct drawing *d, struct block *b, struct piece piece)
{
	struct piece *more;

	/* Room for a power of two. */
	if (!(b->count & (b->count - 1))) {
		more = writer_take(d->w, b->count ? 2 * b->count : 1, sizeof(*more));
		if (!more)
			return false;
		if (b->count)
			memcpy(more, b->pieces, b->count * sizeof(*more));
		b->pieces = more;
	}
	b->pieces[b->count++] = piece;
	return true;
}

/* Fills up a line to a column's width, as far as its own is known. */
static void add_line(struct drawing *d, struct block *b, struct span line, size_t column)
{
	long blanks = d->widths[column] - format_width(line.p, line.len);

	(void)add_piece(d, b, (struct piece){ line, blanks });
}

/* Lines are cut by one rule and measured by another there, pair by pair; a line may become
 * wider than the column by that. */
static void cut_cell(struct drawing *d, struct block *b, struct span s, size_t column)
{
	struct span parts = s, line, part;
	long blanks, width;

	if (!d->has_lines) {
		add_line(d, b, s, column);
		return;
	}
	while (next_line(&s, &line) && next_part(&parts, &part)) {
		blanks = d->widths[column] - format_width(part.p, part.len) +
			(long)format_count(part.p, part.len) -
			(long)format_count(line.p, line.len);
		width = format_width(line.p, line.len);
		if (width >= 0 && blanks > 0)
			width += blanks;
		if (width > d->finals[column])
			d->finals[column] = width;
		if (!add_piece(d, b, (struct piece){ line, blanks }))
			return;
	}
}

/* A head's lines are measured as they are filled up, and cut once more afterwards. */
static void cut_head(struct drawing *d, struct block *b, struct span s, size_t column)
{
	struct span part, line;
	const char *end;
	long blanks;

	if (!d->has_lines) {
		add_line(d, b, s, column);
		return;
	}
	while (next_part(&s, &part)) {
		blanks = d->widths[column] - format_width(part.p, part.len);
		end = part.p + part.len;
		line = (struct span){ NULL, 0 };
		while (part.len) {
			(void)next_line(&part, &line);
			(void)add_piece(d, b,
				(struct piece){
					line, line.p + line.len == end ? blanks : 0 });
		}
		if (!line.p || line.p + line.len != end)
			(void)add_piece(d, b, (struct piece){ { "", 0 }, blanks });
	}
}

static bool cut_all(struct drawing *d)
{
	const size_t columns = d->t->columns, count = (d->t->count + 1) * columns;

	d->blocks = writer_take(d->w, count, sizeof(*d->blocks));
	d->finals = writer_take(d->w, columns, sizeof(*d->finals));
	if (!d->blocks || !d->finals)
		return false;
	for (size_t i = 0; i < columns; i++)
		d->finals[i] = d->has_lines ? measure(d, d->cells[i]) + 2 : d->widths[i];
	for (size_t i = columns; i < count && !d->w->failed; i++)
		cut_cell(d, &d->blocks[i], d->cells[i], i % columns);
	d->widths = d->finals;
	for (size_t i = 0; i < columns && !d->w->failed; i++)
		cut_head(d, &d->blocks[i], d->cells[i], i);
	return !d->w->failed;
}

static void draw_line(struct drawing *d, const struct block *row, size_t line)
{
	struct writer *w = d->w;
	const size_t from = w->len;
	struct piece piece;

	for (size_t i = 0; i < d->t->columns; i++) {
		piece = (struct piece){ { "", 0 }, d->widths[i] };
		if (line < row[i].count)
			piece = row[i].pieces[line];
		if (i)
			writer_text(w, "  ");
		writer_bytes(w, piece.text.p, piece.text.len);
		writer_repeat(w, ' ', piece.blanks > 0 ? (size_t)piece.blanks : 0);
	}
	if (!w->failed)
		w->len =
			from + strip_end((struct span){ w->p + from, w->len - from }).len;
}

static void draw_row(struct drawing *d, size_t row)
{
	const struct block *blocks = &d->blocks[row * d->t->columns];
	size_t lines = 0;

	for (size_t i = 0; i < d->t->columns; i++)
		lines = blocks[i].count > lines ? blocks[i].count : lines;
	for (size_t i = 0; i < lines; i++) {
		if (row || i)
			writer_text(d->w, "\n");
		draw_line(d, blocks, i);
	}
}

static void draw_rule(struct drawing *d)
{
	writer_text(d->w, "\n");
	for (size_t i = 0; i < d->t->columns; i++) {
		if (i)
			writer_text(d->w, "  ");
		writer_repeat(d->w, '-', d->widths[i] > 0 ? (size_t)d->widths[i] : 0);
	}
}

void table_draw(struct writer *w, const struct table *t)
{
	struct drawing d = { .w = w, .t = t };

	if (!t->columns)
		return;
	d.widths = writer_take(w, t->columns, sizeof(*d.widths));
	if (!d.widths || !take_cells(&d))
		return;
	measure_columns(&d);
	if (!cut_all(&d))
		return;
	draw_row(&d, 0);
	draw_rule(&d);
	for (size_t row = 1; row <= t->count && !w->failed; row++)
		draw_row(&d, row);
}
