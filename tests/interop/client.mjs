// What a program in JavaScript gets from @azure/identity: node client.mjs CREDENTIAL SCOPE
// [OPTIONS] prints the token's audience and application, or the error's class and text.
// "blob" in place of a scope reads a blob. SPDX-License-Identifier: MIT
import * as identity from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";

const [name, scope, options = "{}"] = process.argv.slice(2);

async function readBlob(credential) {
	const service = new BlobServiceClient("https://demo.blob.core.windows.net", credential);
	const blob = service.getContainerClient("c").getBlobClient("hello");
	const response = await blob.download();
	let text = "";

	for await (const part of response.readableStreamBody)
		text += part;
	return text.trim();
}

async function readToken(credential) {
	const token = await credential.getToken(scope);
	const claims = JSON.parse(Buffer.from(token.token.split(".")[1], "base64url"));
	const left = token.expiresOnTimestamp / 1000 - claims.exp;

	if (Math.abs(left) > 2)
		throw new Error(`the expiry is ${left} s off`);
	return `${claims.aud} ${claims.appid}`;
}

try {
	const credential = new identity[name](JSON.parse(options));

	console.log(await (scope === "blob" ? readBlob(credential) : readToken(credential)));
} catch (e) {
	console.log(`${e.name}: ${e.message}`);
	process.exitCode = 1;
}
