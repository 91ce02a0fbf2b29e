/* What a storage account holds: one thing of each kind, in the form of the service
 * (Microsoft Learn, "Azure Storage REST API reference": List Containers, List Blobs, Get
 * Blob, List Queues, Query Tables, List Shares, Filesystem - List, Path - List).
 * SPDX-License-Identifier: MIT */
#include "storage.h"

#include <string.h>

#define XML(rest)                                                  \
	"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>"   \
	"<EnumerationResults ServiceEndpoint=\"https://%s/\"" rest \
	"</EnumerationResults>"

/* Which question a row answers: the depth of the path (2: all below), and a part of its
 * query, "" for none. The body may have the host, then the path without its slash, once. */
static const struct row {
	const char *label;
	size_t depth;
	const char *query, *type, *body;
} rows[] = {
	{ "blob", 0, "comp=list", "application/xml",
		XML("><Containers><Container><Name>docs</Name></Container></Containers>"
		    "<NextMarker />") },
	{ "blob", 0, "comp=properties", "application/xml",
		"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		"<StorageServiceProperties></StorageServiceProperties>" },
	{ "blob", 1, "comp=list", "application/xml",
		XML(" ContainerName=\"%s\"><Blobs><Blob><Name>hello.txt</Name></Blob>"
		    "</Blobs><NextMarker />") },
	{ "blob", 1, "restype=container", "application/xml", "" },
	{ "blob", 2, "", "text/plain", "hello from %s/%s\n" },
	{ "queue", 0, "comp=list", "application/xml",
		XML("><Queues><Queue><Name>orders</Name></Queue></Queues><NextMarker "
		    "/>") },
	{ "queue", 1, "comp=metadata", "application/xml", "" },
	{ "queue", 2, "peekonly=true", "application/xml",
		"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		"<QueueMessagesList />" },
	{ "table", 1, "", "application/json;odata=minimalmetadata;charset=utf-8",
		"{\"odata.metadata\":\"https://%s/$metadata#%s\",\"value\":[]}" },
	{ "file", 0, "comp=list", "application/xml",
		XML("><Shares><Share><Name>home</Name></Share></Shares><NextMarker />") },
	{ "file", 1, "comp=list", "application/xml",
		XML(" ShareName=\"%s\"><Entries><File><Name>hello.txt</Name></File>"
		    "</Entries><NextMarker />") },
	{ "file", 1, "restype=share", "application/xml", "" },
	{ "file", 2, "", "text/plain", "hello from %s/%s\n" },
	{ "dfs", 0, "resource=account", "application/json;charset=utf-8",
		"{\"filesystems\":[{\"name\":\"docs\"}]}" },
	{ "dfs", 1, "resource=filesystem", "application/json;charset=utf-8",
		"{\"paths\":[{\"name\":\"hello.txt\",\"contentLength\":\"5\"}]}" },
	{ "dfs", 2, "", "text/plain", "hello from %s/%s\n" },
};

static size_t depth_of(const char *path)
{
	const char *rest = strchr(path + 1, '/');

	return !path[1] ? 0 : rest && rest[1] ? 2 : 1;
}

/* %s twice at most: the host, then the path. */
static void add_body(const struct storage_call *c, const char *body, struct text *ret)
{
	const char *values[] = { c->access.host, c->path + 1 };

	for (size_t i = 0; *body; body++) {
		if (body[0] == '%' && body[1] == 's' && i < 2) {
			text_add(ret, values[i++]);
			body++;
		} else
			text_add_bytes(ret, body, 1);
	}
}

static void add_headers(const struct storage_call *c, size_t depth)
{
	reply_header(c->rp, "x-ms-version", request_header(c->rq, "x-ms-version"));
	if (depth != 2 || c->kind->form == STORAGE_ODATA)
		return;
	reply_header(c->rp, "ETag", "\"0x8DD000000000001\"");
	reply_header(c->rp, "Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT");
	if (strcmp(c->kind->label, "blob") == 0)
		reply_header(c->rp, "x-ms-blob-type", "BlockBlob");
}

void storage_give(const struct storage_call *c)
{
	size_t depth = depth_of(c->path);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];
		AUTO_TEXT body = { 0 };

		if (strcmp(r->label, c->kind->label) != 0 || r->depth != depth ||
			!strstr(c->rq->query, r->query))
			continue;
		add_headers(c, depth);
		add_body(c, r->body, &body);
		return reply_with(c->rp, 200, r->type, "%s", text_peek(&body));
	}
	storage_fail(c,
		&(struct storage_error){ 400, "InvalidQueryParameterValue",
			"Value for one of the query parameters specified in the request "
			"URI is invalid.",
			NULL, NULL });
}
