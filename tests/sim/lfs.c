/* Git LFS (Batch API and basic transfer, docs/api/ of git-lfs): objects lie in the
 * repository's lfs folder. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "devops.h"

#define OID_LEN 64
#define TYPE    "application/vnd.git-lfs+json"

static bool is_oid(const char *s)
{
	return s && strlen(s) == OID_LEN && strspn(s, "0123456789abcdef") == OID_LEN;
}

static void fail(struct reply *rp, int status, const char *message)
{
	AUTO_TEXT body = { 0 };

	text_add(&body, "{\"message\":");
	text_add_json(&body, message);
	reply_with(rp, status, TYPE, "%s}", text_peek(&body));
}

/* Where the object lies; its size, or -1 when it is not there. */
static int64_t find(const struct repo *repo, const char *oid, char *path, size_t size)
{
	struct stat st;

	if (snprintf(path, size, "%s/lfs/%s", repo->dir, oid) >= (int)size ||
		stat(path, &st) < 0)
		return -1;
	return st.st_size;
}

/* ,"NAME":{"href":...}: on this host, where the same credentials hold. */
static void add_action(
	struct text *body, const char *name, const struct request *rq, const char *tail)
{
	const char *end = strstr(rq->path, "/info/lfs/");
	AUTO_TEXT href = { 0 };

	text_addf(&href, "https://%s", request_header(rq, "Host"));
	text_add_bytes(&href, rq->path, (size_t)(end - rq->path));
	text_addf(&href, "/info/lfs/%s", tail);
	text_addf(body, "\"%s\":{\"href\":", name);
	text_add_json(body, text_peek(&href));
	text_add(body, "}");
}

/* What the client shall do with one object. */
static void add_object(struct text *body, const struct request *rq,
	const struct repo *repo, struct json_object *o, bool upload)
{
	const char *oid = json_text(o, "oid");
	struct json_object *size = NULL;
	char path[2048], tail[OID_LEN + 10];

	(void)json_object_object_get_ex(o, "size", &size);
	if (!is_oid(oid)) {
		text_add(body,
			"{\"oid\":\"\",\"size\":0,\"error\":{\"code\":422,"
			"\"message\":\"not an object id\"}}");
		return;
	}
	text_addf(body, "{\"oid\":\"%s\",\"size\":%lld", oid,
		(long long)json_object_get_int64(size));
	(void)snprintf(tail, sizeof(tail), "objects/%s", oid);
	if (find(repo, oid, path, sizeof(path)) >= 0) {
		if (!upload) {
			text_add(body, ",\"actions\":{");
			add_action(body, "download", rq, tail);
			text_add(body, "}");
		}
	} else if (upload) {
		text_add(body, ",\"actions\":{");
		add_action(body, "upload", rq, tail);
		text_add(body, ",");
		add_action(body, "verify", rq, "verify");
		text_add(body, "}");
	} else {
		text_add(body,
			",\"error\":{\"code\":404,\"message\":\"Object does not "
			"exist\"}");
	}
	text_add(body, "}");
}

static void batch(const struct request *rq, const struct repo *repo, struct reply *rp)
{
	struct json_object *o = json_tokener_parse(rq->body), *list = NULL;
	const char *operation = json_text(o, "operation");
	AUTO_TEXT body = { 0 };

	if (!operation || !json_object_object_get_ex(o, "objects", &list) ||
		!json_object_is_type(list, json_type_array)) {
		json_object_put(o);
		return fail(rp, 422, "not a batch request");
	}
	text_add(&body, "{\"transfer\":\"basic\",\"objects\":[");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (i)
			text_add(&body, ",");
		add_object(&body, rq, repo, json_object_array_get_idx(list, i),
			strcmp(operation, "upload") == 0);
	}
	json_object_put(o);
	reply_with(rp, 200, TYPE, "%s],\"hash_algo\":\"sha256\"}", text_peek(&body));
}

static bool fits_oid(const struct request *rq, const char *oid)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char hex[OID_LEN + 1];

	(void)SHA256((const unsigned char *)rq->body, rq->body_len, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return strcmp(hex, oid) == 0;
}

static void upload(const struct request *rq, const struct repo *repo, const char *oid,
	struct reply *rp)
{
	char path[2048];
	AUTO_FD fd = -1;

	if (!fits_oid(rq, oid))
		return fail(rp, 422, "the content is not that of the object id");
	(void)snprintf(path, sizeof(path), "%s/lfs", repo->dir);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return fail(rp, 500, "no folder for objects");
	(void)find(repo, oid, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || !file_write_all(fd, rq->body, rq->body_len))
		return fail(rp, 500, "the object cannot be written");
	reply_status(rp, 200);
}

static void download(const struct repo *repo, const char *oid, struct reply *rp)
{
	char path[2048];

	if (find(repo, oid, path, sizeof(path)) < 0 ||
		!reply_file(rp, path, "application/octet-stream"))
		fail(rp, 404, "Object does not exist");
}

static void verify(const struct request *rq, const struct repo *repo, struct reply *rp)
{
	struct json_object *o = json_tokener_parse(rq->body), *size = NULL;
	const char *oid = json_text(o, "oid");
	char path[2048];

	(void)(oid && json_object_object_get_ex(o, "size", &size));
	if (!is_oid(oid) ||
		find(repo, oid, path, sizeof(path)) != json_object_get_int64(size))
		fail(rp, 404, "Object does not exist in this size");
	else
		reply_status(rp, 200);
	json_object_put(o);
}

void lfs_handle(const struct request *rq, const struct repo *repo, struct reply *rp)
{
	static const char objects[] = "/info/lfs/objects/";
	bool is_post = strcmp(rq->method, "POST") == 0;
	const char *oid =
		text_starts(repo->tail, objects) ? repo->tail + strlen(objects) : NULL;

	if (is_post && strcmp(repo->tail, "/info/lfs/objects/batch") == 0)
		batch(rq, repo, rp);
	else if (is_post && strcmp(repo->tail, "/info/lfs/verify") == 0)
		verify(rq, repo, rp);
	else if (is_oid(oid) && strcmp(rq->method, "PUT") == 0)
		upload(rq, repo, oid, rp);
	else if (is_oid(oid) && strcmp(rq->method, "GET") == 0)
		download(repo, oid, rp);
	else
		fail(rp, 404, "Not found");
}
