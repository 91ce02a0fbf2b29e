/* The keys of mi-token.conf: one table, which the parser, the printer and the environment
 * walk.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_IO_CONF_KEY_H
#define MI_TOKEN_IO_CONF_KEY_H

#include "io/conf.h"

enum conf_kind {
	CONF_TEXT,       /* a struct conf_value */
	CONF_SWITCH,     /* the same, "true" or "false"; once root has it on, on */
	CONF_NAMES,      /* the same; a list of texts is joined by commas */
	CONF_HOSTS,      /* conf.allow_hosts */
	CONF_IDENTITIES, /* conf.identities */
	CONF_RULES,      /* conf.rules */
	CONF_FINAL,      /* conf.finals */
};

struct conf_key {
	const char *name;  /* "group.name" for a member of a group */
	const char *group; /* that group, else NULL */
	enum conf_kind kind;
	bool root_only;
	size_t place;         /* of what is a struct conf_value */
	const char *fallback; /* of that */
	const char *env;      /* the variable that sets it, or NULL, */
	size_t env_place;     /* and where to */
	/* NULL when the text is good; else what is wrong, to be said behind it. */
	const char *(*wrong)(const char *text);
	const char *about; /* for people */
};
extern const struct conf_key conf_keys[]; /* ends with .name NULL */
const struct conf_key *conf_key_find(const char *name);
/* Whether it is a struct conf_value. */
bool conf_key_is_value(const struct conf_key *k);

/* Members of a row of identities or rules: all of them texts. */
struct conf_member {
	const char *name; /* "group.name" for a member of a group in the row, */
	size_t place;     /* of a char * in the row */
	const char *(*wrong)(const char *text);
	const char *group; /* that group, else NULL; its members are the last ones */
};
/* The name without the group. */
const char *conf_member_name(const struct conf_member *m);
extern const struct conf_member conf_identity_members[]; /* ends with .name NULL */
extern const struct conf_member conf_rule_members[]; /* ends with .name NULL; and deny */

/* An element of endpoints.allow_hosts. */
const char *conf_wrong_host(const char *text);
/* An element of final. */
const char *conf_wrong_key(const char *text);

/* The longest text of the configuration. */
#define CONF_TEXT_LIMIT 1000

/* Copies. false: out of memory, and *v is as before. */
bool conf_value_set(
	struct conf_value *v, const char *text, const char *origin) MUST_CHECK;
/* Any char * or struct conf_value at a place of the tables above. */
struct conf_value *conf_value_at(struct conf *c, size_t place);
const struct conf_value *conf_value_peek(const struct conf *c, size_t place);
char **conf_text_at(void *row, size_t place);
const char *conf_text_peek(const void *row, size_t place);

/* Whether libconfig may see the text of a file. */
enum mitok_code conf_check_lines(
	const char *file, const char *text, struct mitok_err *e) MUST_CHECK;

/* On the heap; NULL when memory is out. The list has room for count texts and NULL. */
char *conf_copy(const char *text);
char **conf_list_new(size_t count);
struct conf_identity *conf_identity_new(void);
/* NULL when it says enough to be one; else what is wrong, to be said behind its name. */
const char *conf_identity_wrong(const struct conf_identity *i);
struct conf_rule *conf_rule_new(void);
struct conf_final *conf_final_new(void);
/* That one alone; may be NULL. */
void conf_identity_free(struct conf_identity *i);
void conf_rule_free(struct conf_rule *r);
void conf_final_free(struct conf_final *f);

#endif
