#!/bin/sh
# mi-token explain: each code that the platform and the services give is told as what it is,
# and never as anything else. The samples are what they send, with ids made up.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

id=11110000-0000-4000-8000-000000000001
tab=$(printf '\t')

# tells 'LAYER CODE[, LAYER CODE]' SAMPLE: exactly these are found, in this order.
tells()
{
	got=$(printf '%s' "$2" | mi-token explain --json |
		mi-token query '[].[layer, code]' -o tsv | tr "$tab" ' ' | paste -sd, - | sed 's/,/, /g')
	is "explain <<<'$2'" "$got" "$1"
}

# rows LAYER: lines `CODE<tab>SAMPLE`.
rows()
{
	while IFS=$tab read -r code sample; do
		tells "$1 $code" "$sample"
	done
}

aadsts='500011 50001 650057 700016 90002 900023 900382 900432 90038 50034 50020 500341 50076
	50079 53003 500021 50196 90055 90015 70011 700022 901002 7000215 7000222 7000218 7000112
	700027 700024 50012 50013 500133 50027 70021 700211 700212 700213 7002138 700229 90061
	100007 50033 50087 90006 90012 90024 90033 90090'

it 'each AADSTS code is a row of Entra, in a sentence and as a number of error_codes'
for number in $aadsts; do
	tells "entra AADSTS$number" "ClientAuthenticationError: AADSTS$number: Something. Trace ID: $id"
	tells "entra AADSTS$number" '{"error":"invalid_client","error_codes":['"$number]}"
done
printf 'AADSTS%s: x\n' "$(echo "$aadsts" | tr -s ' \t\n' ' ' | sed 's/ /: x AADSTS/g')" >"$T/all"
is 'causes told twice' "$(mi-token explain "$T/all" | grep '  cause' | sort | uniq -d)" ''

it 'an AADSTS number without a row is named, with where to look it up'
expect 0 'AADSTS7654321 (Entra)
  cause  Entra refused, for a reason that mi-token has no words for
  cure   look the number up: https://login.microsoftonline.com/error?code=NUMBER
         give support the trace id, correlation id and timestamp of the answer' '' -- \
	mi-token explain - <<'END'
AADSTS7654321: What no one knows.
END
tells 'entra AADSTS7654321, entra AADSTS7654322' 'AADSTS7654321 AADSTS7654322'

it 'no number is part of a longer one, and no code part of a longer word'
tells 'entra AADSTS70021' 'AADSTS70021: No matching federated identity record found'
tells 'entra AADSTS7002138' 'AADSTS7002138: No matching'
for word in XAADSTS700016 AADSTS12 AADSTS1234567890 xForbiddenByRbac ForbiddenByRbacs my-AKV10022 \
	TF4014440 'the forbidden word' 'Unauthorized is a word, Forbidden another' forbiddenbyrbac aadsts700016; do
	expect 7 '' '~mi-token: no code or answer of Azure*' -- sh -c 'printf %s "$1" | mi-token explain' sh "$word"
done

it 'what the metadata service answers is the machine'
rows machine <<'END'
Identity not found	{"error":"invalid_request","error_description":"Identity not found"}
Multiple user assigned identities exist	{"error":"invalid_request","error_description":"Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"}
Required metadata header not specified	{"error":"invalid_request","error_description":"Required metadata header not specified"}
bad_request_102	{"error":"bad_request_102","error_description":"Required metadata header not specified"}
api-version is invalid	{"error":"Bad request. api-version is invalid or was not specified in the request. For more information refer to aka.ms/azureimds","newest-versions":["2025-04-07","2024-07-17","2024-03-15"]}
unknown_source	{"error":"unknown_source","error_description":"Unknown Source http://localhost:50342/oauth2/token"}
unauthorized_client	{"error":"unauthorized_client","error_description":"no"}
Not Found	{"error":"Not Found"}
Not found	{ "error": "Not found" }
Failed to retrieve token from the Active directory	{"error":"unknown","error_description":"Failed to retrieve token from the Active directory. For details see logs in C:\\Packages\\x.txt"}
Connection refused	curl: (7) Failed to connect to 169.254.169.254 port 80: Connection refused
Network is unreachable	dial tcp 169.254.169.254:80: connect: network is unreachable
No route to host	connect to 169.254.169.254 port 80 failed: No route to host
timed out	Connection to 169.254.169.254 timed out. (connect timeout=1)
Permission denied	connect to 169.254.169.254 port 80 failed: Permission denied
unreachable	HTTP 403: connecting to 169.254.169.254:80: a socket operation was attempted to an unreachable host
HTML from 169.254.169.254	GET http://169.254.169.254/metadata <html><body>Please sign in</body></html>
302	HTTP 302 from http://169.254.169.254/metadata
429	HTTP 429 from http://169.254.169.254/metadata
410	HTTP/1.1 410 Gone
405	HTTP/1.1 405 Method Not Allowed
421	HTTP/1.1 421 Misdirected Request
502	HTTP/1.1 502 Bad Gateway
504	HTTP/1.1 504 Gateway Time-out
END
tells 'entra AADSTS500011' '{"error":"invalid_resource","error_description":"AADSTS500011: The resource principal named https://foo was not found in the tenant named x. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant. Trace ID: '"$id Correlation ID: $id"' Timestamp: 2024-04-24 17:54:15Z","error_codes":[500011],"timestamp":"2024-04-24 17:54:15Z","trace_id":"'"$id"'","error_uri":"https://login.microsoftonline.com/error?code=500011"}'

it 'general codes of OAuth are of Entra'
rows entra <<'END'
invalid_resource	{"error":"invalid_resource"}
invalid_scope	{"error":"invalid_scope"}
access_denied	{"error":"access_denied"}
unsupported_response_type	{"error":"unsupported_response_type"}
invalid_grant	{"error":"invalid_grant"}
invalid_client	{"error":"invalid_client"}
END

it 'an empty answer that closes the connection is of the Guest Proxy Agent'
for status in 403 421 500 502; do
	for line in "HTTP/1.1 $status X" "< HTTP/1.1 $status X"; do
		tells "machine $status" "$(printf '%s\r\nConnection: close\r\nDate: Tue\r\n\r\n' "$line")"
	done
	agent=$(printf 'HTTP/1.1 %s X\r\nConnection: close\r\n\r\n' $status | mi-token explain)
	is 'the cause' "$agent" '~*Guest Proxy Agent*'
done
tells 'target 403' "$(printf 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nx-ms-request-id: 1\r\n\r\n')"
tells 'target 403' "$(printf 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\nNo.\r\n')"
tells 'target 403' "$(printf 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')"
tells 'machine 403' "$(printf 'HTTP/1.1 200 OK\r\n\r\nbody\r\nHTTP/1.1 403 Forbidden\r\nconnection: Close\r\n\r\n')"

it 'what Storage answers is the target, by its detail where there is one'
challenge="WWW-Authenticate: Bearer authorization_uri=https://login.microsoftonline.com/$id/oauth2/authorize resource_id=https://storage.azure.com"
xml='<?xml version="1.0" encoding="utf-8"?><Error><Code>InvalidAuthenticationInfo</Code><Message>Server failed to authenticate the request. Please refer to the information in the www-authenticate header.
RequestId:'"$id"'
Time:2024-01-01T00:00:00.0000000Z</Message><AuthenticationErrorDetail>%s</AuthenticationErrorDetail></Error>'
while IFS=$tab read -r code detail; do
	# shellcheck disable=SC2059 # it is the format
	tells "target $code" "$(printf "HTTP/1.1 401 X\r\n$challenge\r\n\r\n$xml" "$detail")"
done <<'END'
Audience validation failed	Audience validation failed. Audience did not match.
Issuer validation failed	Issuer validation failed. Issuer did not match.
Lifetime validation failed	Lifetime validation failed. The token is expired.
InvalidAuthenticationInfo	Something else.
END
rows target <<'END'
AuthenticationFailed	<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Authentication scheme Bearer is not supported in this version.</AuthenticationErrorDetail></Error>
AuthorizationPermissionMismatch	﻿<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthorizationPermissionMismatch</Code><Message>This request is not authorized to perform this operation using this permission.</Message></Error>
AuthorizationPermissionMismatch	x-ms-error-code: AuthorizationPermissionMismatch
AuthorizationPermissionMismatch	ErrorCode:AuthorizationPermissionMismatch
AuthorizationFailure	<Error><Code>AuthorizationFailure</Code><Message>This request is not authorized to perform this operation.</Message></Error>
NoAuthenticationInformation	<Error><Code>NoAuthenticationInformation</Code></Error>
ResourceNotFound	<Error><Code>ResourceNotFound</Code></Error>
AuthorizationSourceIPMismatch	<Code>AuthorizationSourceIPMismatch</Code>
AuthorizationProtocolMismatch	<Code>AuthorizationProtocolMismatch</Code>
KeyBasedAuthenticationNotPermitted	<Code>KeyBasedAuthenticationNotPermitted</Code>
PublicAccessNotPermitted	<Code>PublicAccessNotPermitted</Code>
END
is 'version' "$(echo 'Bearer is not supported in this version' | mi-token explain)" '~*x-ms-version: 2*'

it 'what a vault answers is the target, by the inner error'
rows target <<'END'
AKV10000	{"error":{"code":"Unauthorized","message":"AKV10000: Request is missing a Bearer or PoP token."}}
AKV10001	{"error":{"code":"Unauthorized","message":"AKV10001: Token expired."}}
AKV10022	{"error":{"code":"Unauthorized","message":"AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com/."}}
AKV10032	{"error":{"code":"Unauthorized","message":"AKV10032: Invalid issuer. Expected one of https://sts.windows.net/a/, found https://sts.windows.net/b/."}}
ForbiddenByRbac	{"error":{"code":"Forbidden","message":"Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: appid=g;oid=g;iss=https://sts.windows.net/t/\r\nAction: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'NotAllowed' \r\nVault: v;location=l\r\n","innererror":{"code":"ForbiddenByRbac"}}}
DeniedWithNoValidRBAC	{"error":{"code":"Forbidden","message":"DecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: v;location=l\r\n","innererror":{"code":"ForbiddenByRbac"}}}
AccessDenied	{"error":{"code":"Forbidden","innererror":{"code":"AccessDenied"}}}
ForbiddenByPolicy	{"error":{"code":"Forbidden","message":"The user, group or application 'appid=g;oid=g;numgroups=2;iss=https://sts.windows.net/t/' does not have secrets list permission on key vault 'x;location=y'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287","innererror":{"code":"ForbiddenByPolicy"}}}
ForbiddenByFirewall	{"error":{"code":"Forbidden","message":"Client address is not authorized and caller is not a trusted service.\r\nClient address: 10.0.0.1\r\nCaller: appid=g;oid=g;iss=i\r\nVault: x;location=y","innererror":{"code":"ForbiddenByFirewall"}}}
ForbiddenByConnection	{"error":{"code":"Forbidden","message":"Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: g","innererror":{"code":"ForbiddenByConnection"}}}
ForbiddenByRbac	{"error":{"code":"Forbidden","innererror":{"code":"ForbiddenByRbac"}}}
SecretNotFound	{"error":{"code":"SecretNotFound","message":"A secret with (name/id) db was not found in this key vault."}}
KeyNotFound	{"error":{"code":"KeyNotFound"}}
CertificateNotFound	{"error":{"code":"CertificateNotFound"}}
Throttled	{"error":{"code":"Throttled"}}
Unauthorized	{"error":{"code":"Unauthorized"}}
Forbidden	{"error":{"code":"Forbidden"}}
END

it 'what Resource Manager answers is the target'
rows target <<'END'
AuthenticationFailed	{"error":{"code":"AuthenticationFailed","message":"Authentication failed. The 'Authorization' header is missing."}}
AuthenticationFailed	WWW-Authenticate: Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="The authentication failed because of missing 'Authorization' header."
AuthenticationFailed	{"error":{"code":"AuthenticationFailed"}}
invalid_token	WWW-Authenticate: Bearer error="invalid_token"
InvalidAuthenticationTokenTenant	{"error":{"code":"InvalidAuthenticationTokenTenant","message":"The access token is from the wrong issuer 'https://sts.windows.net/a/'. It must match the tenant 'https://sts.windows.net/b/' associated with this subscription."}}
InvalidAuthenticationTokenAudience	{"error":{"code":"InvalidAuthenticationTokenAudience"}}
ExpiredAuthenticationToken	{"error":{"code":"ExpiredAuthenticationToken"}}
InvalidAuthenticationToken	{"error":{"code":"InvalidAuthenticationToken"}}
insufficient_claims	WWW-Authenticate: Bearer authorization_uri="https://login.windows.net/", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="
AuthorizationFailed	{"error":{"code":"AuthorizationFailed","message":"The client 'g' with object id 'g' does not have authorization to perform action 'Microsoft.X/y/z/action' over scope '/subscriptions/..' or the scope is invalid. If access was recently granted, please refresh your credentials."}}
AuthorizationFailed	(AuthorizationFailed) The client 'g' with object id 'g' does not have authorization
SubscriptionNotFound	{"error":{"code":"SubscriptionNotFound"}}
END

it 'what Service Bus and Event Hubs answer is the target, by the right that is missing'
rows target <<'END'
unauthorized-access (Send)	amqp:unauthorized-access: Unauthorized access. 'Send' claim(s) are required to perform this operation. Resource: 'sb://n.servicebus.windows.net/q'. TrackingId:g_G2, SystemTracker:gateway5, Timestamp:2024
unauthorized-access (Listen)	Unauthorized access. 'Listen' claim(s) are required to perform this operation.
unauthorized-access (Manage)	Unauthorized access. \u0027Manage\u0027 claim(s) are required to perform this operation.
SubCode=40100 (Send)	SubCode=40100: Unauthorized : Unauthorized access for 'Send' operation on endpoint 'sb://n.servicebus.windows.net/h/messages'. Tracking Id: g_G2
SubCode=40100 (Listen)	Unauthorized access for 'Listen' operation on endpoint
SubCode=40100 (Manage)	Unauthorized access for 'Manage' operation on endpoint
SubCode=40100	HTTP/1.1 401 SubCode=40100: Unauthorized
amqp:unauthorized-access	condition amqp:unauthorized-access
40103	40103: Invalid authorization token signature
40103	claim is empty or token is invalid. TrackingId:g
40103	HTTP/1.1 401 SubCode=40103: no
40300	40300: Ip has been prevented to connect to the endpoint
40300	HTTP/1.1 403 SubCode=40300: no
END

it 'what is disabled or out of its time is told apart from roles'
rows target <<'END'
SecretDisabled	{"error":{"code":"Forbidden","message":"Operation get is not allowed on a disabled secret.","innererror":{"code":"SecretDisabled"}}}
expired	{"error":{"code":"Forbidden","message":"Operation sign is not allowed on an expired key."}}
not yet valid	{"error":{"code":"Forbidden","message":"Operation sign is not allowed on a not yet valid key."}}
AccountIsDisabled	<Error><Code>AccountIsDisabled</Code><Message>The specified account is disabled.</Message></Error>
END

it 'what other services answer is the target'
rows target <<'END'
InvalidAudience	<Error><Code>401</Code><Detail>InvalidAudience: Invalid authorization token audience. TrackingId:g</Detail></Error>
ExpiredToken	<Error><Code>401</Code><Detail>ExpiredToken: The token is expired. TrackingId:g</Detail></Error>
40301	<Error><Code>403</Code><Detail>The namespace is disabled, its state does not allow this.</Detail></Error>
5008	{"code":"Unauthorized","message":"Request blocked by Auth a : Provided AAD token is intended for [b]. This database account accepts tokens intended for [https://a.documents.azure.com, https://cosmos.azure.com]."}
5007	{"code":"Unauthorized","message":"Request blocked by Auth a : Provided AAD token was issued by the authority [t] which is not trusted by this database account."}
AAD token has expired	{"code":"Unauthorized","message":"Request blocked by Auth a : Provided AAD token has expired."}
ip-address-rejected	{"type":"https://azconfig.io/errors/ip-address-rejected","title":"x","status":403}
EntityRead	<Error><Code>401</Code><Detail>Manage,EntityRead claims required for this operation. TrackingId:g_G4S2</Detail></Error>
Authorization_RequestDenied	{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}
InvalidAuthenticationToken	{"error":{"code":"InvalidAuthenticationToken","message":"Access token validation failure. Invalid audience."}}
PermissionDenied	{"error":{"code":"PermissionDenied","message":"The principal `g` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/models/read` to perform `GET /openai/models` operation."}}
PermissionDenied	{"error":{"code":"PermissionDenied","message": "Principal does not have access to API/Operation."}}
firewall of AI services	{"error":{"code":"AccessDenied","message":"Access denied due to Virtual Network/Firewall rules."}}
public access is disabled	{"error":{"code":"403","message": "Public access is disabled. Please configure private endpoint."}}
InsufficientAccessError	{"error":{"message":"The provided credentials have insufficient access to perform the requested operation","code":"InsufficientAccessError"}}
insufficient_scope	Www-Authenticate: Bearer realm="https://r.azurecr.io/oauth2/token",service="r.azurecr.io",scope="repository:a:pull",error="insufficient_scope"
firewall of the registry	{"errors":[{"code":"DENIED","message":"client with IP '10.0.0.4' is not allowed access. Refer https://aka.ms/acr/firewall to grant access."}]}
invalid_token (audience)	WWW-Authenticate: Bearer error="invalid_token", error_description="The audience 'api://a' is invalid"
invalid_token (issuer)	WWW-Authenticate: Bearer error="invalid_token", error_description="The issuer 'https://sts.windows.net/t/' is invalid"
invalid_token (time)	WWW-Authenticate: Bearer error="invalid_token", error_description="The token expired at '01/01/2024 00:00:00'"
END

it 'what Cosmos DB answers is the target, by the sub-status however it is written'
for sub in 5300 5301 5302 5304 5307 5350 5360 5400; do
	tells "target $sub" "$(printf 'HTTP/1.1 403 Forbidden\r\nx-ms-substatus: %s\r\n\r\n' $sub)"
	tells "target $sub" "StatusCode: Forbidden (403); Substatus: $sub; ActivityId: $id"
	tells "target $sub" '{"code":"Forbidden","substatus":'"$sub}"
	tells "target $sub" "SubStatusCode=$sub"
done
rows target <<'END'
5303	x-ms-substatus: 5303
5305	x-ms-substatus: 5305
5306	x-ms-substatus: 5306
5351	x-ms-substatus: 5351
5300	The given request [POST /dbs] cannot be authorized by AAD token in data plane. Learn more: https://aka.ms/cosmos-native-rbac
5301	Request blocked by Auth a : Request is blocked because principal [g] does not have required RBAC permissions to perform action [Microsoft.DocumentDB/databaseAccounts/readMetadata] on resource [/].
Local Authorization is disabled	Local Authorization is disabled. Use an AAD token to authorize all requests
Cosmos DB firewall	Request originated from IP 10.0.0.1 through public internet. This is blocked by your Cosmos DB account firewall settings.
END

it 'what no role mends is told as that'
rows target <<'END'
RequestDisallowedByPolicy	(RequestDisallowedByPolicy) Resource 'vm1' was disallowed by policy. Policy identifiers: '[]'.
DenyAssignmentAuthorizationFailed	{"error":{"code":"DenyAssignmentAuthorizationFailed","message":"The client 'g' has permission to perform action 'a'; however, the access is denied because of the deny assignment with name 'n' and Id 'g' at scope '/s'."}}
MissingRequiredHeader	<Error><Code>MissingRequiredHeader</Code><Message>An HTTP header that's mandatory for this request is not specified.</Message><HeaderName>x-ms-file-request-intent</HeaderName></Error>
unauthorized (registry)	unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information.
END

it 'what Azure DevOps answers is the target'
rows target <<'END'
TF401444	TF401444: Sign-in at least once as {tid\tid\oid} in a web browser to enable access
TF400813	TF400813: The user 'g' is not authorized to access this resource.
TF401019	TF401019: The Git repository with name or identifier x does not exist or you do not have permissions
VS800075	VS800075: The project with id 'x' does not exist, or you do not have permission
END
tells 'target 203' 'HTTP/2 203'

it 'a status alone is told, and only where nothing says more'
for line in 'HTTP/1.1 401 Unauthorized' 'HTTP/2 401' 'status code 401' 'StatusCode: 401' 'RESPONSE 401:' \
	'{"status":401}' 'The requested URL returned error: 401'; do
	tells 'target 401' "$line"
done
tells 'target 429' 'HTTP/1.1 429 Too Many Requests'
tells 'target 500' 'HTTP/1.1 500 X'
tells 'target 503' 'HTTP/1.1 503 X'
tells 'target AKV10022' "$(printf 'HTTP/1.1 401 X\r\n\r\n{"error":{"code":"Unauthorized","message":"AKV10022: no"}}')"

it 'what SDKs say without a code is told where there is nothing else'
rows machine <<'END'
ManagedIdentityCredential	ManagedIdentityCredential authentication unavailable, no managed identity endpoint found.
ManagedIdentityCredential	ManagedIdentityCredential: No managed identity endpoint found
DefaultAzureCredential	DefaultAzureCredential failed to retrieve a token from the included credentials. SharedTokenCacheCredential: none
END
tells 'entra AADSTS7000215' 'DefaultAzureCredential failed to retrieve a token from the included credentials. EnvironmentCredential: AADSTS7000215: Invalid client secret provided.'
tells 'target WWW-Authenticate' 'WWW-Authenticate: Bearer authorization="https://login.microsoftonline.com/'"$id"'", resource="https://vault.azure.net"'
tells 'target 401' "$(printf 'HTTP/1.1 401 X\r\nWWW-Authenticate: Bearer authorization="a"\r\n\r\n')"

it 'a chain of several failures is told in its order, each once'
tells 'machine Identity not found, entra AADSTS7000222' 'DefaultAzureCredential failed.
 ManagedIdentityCredential: {"error_description":"Identity
   not found"}
 EnvironmentCredential: AADSTS7000222: expired. AADSTS7000222: "error_codes":[7000222]'

it 'no token and no other part of the input comes back'
jwt=eyJhbGciOiJub25lIn0.eyJvaWQiOiJNQVJLRVIifQ.TUFSS0VS
for form in '' --json; do
	# shellcheck disable=SC2086 # none is no argument
	out=$(printf 'Authorization: Bearer %s\nMARKER AADSTS700016: MARKER %s\n' "$jwt" "$jwt" |
		mi-token explain $form 2>&1)
	is "with $form" "$out" '~*AADSTS700016*'
	case $out in *eyJ* | *MARKER*) bad "printed: $out" ;; esac
done
out=$(printf '%s\n' "$jwt" | mi-token explain 2>&1; mi-token explain "$jwt" 2>&1)
case $out in *eyJ*) bad "printed: $out" ;; esac

it 'unknown input is one line and status 7, and an empty array with --json'
expect 7 '' "mi-token: no code or answer of Azure's that is known is in it; give the whole answer with its headers (curl -i), or the error's whole text" -- mi-token explain /dev/null
expect 7 '[]' '~mi-token: no code*' -- mi-token explain --json /dev/null
printf 'HTTP/1.1 200 OK\r\n\r\n{"value":[]}' >"$T/fine"
expect 7 '' '~mi-token: no code*' -- mi-token explain "$T/fine"

it 'it reads a file, standard input and pipes, with any bytes in them'
printf 'a\0b AKV10032: x\377\n' >"$T/bytes"
expect 0 '~AKV10032 (the target)*' '' -- mi-token explain "$T/bytes"
expect 0 '~AKV10032 (the target)*' '' -- sh -c "cat $T/bytes | mi-token explain"
expect 0 '~AKV10032 (the target)*' '' -- sh -c "cat $T/bytes | mi-token explain -"
expect 0 '~AKV10032 (the target)*' '' -- sh -c "cat $T/bytes | mi-token explain /dev/stdin"

it 'a mebibyte is read, and no byte more'
head -c 1048566 /dev/zero | tr '\0' x >"$T/large"
printf ' TF401444\n' >>"$T/large"
is 'size' "$(wc -c <"$T/large")" 1048576
expect 0 '~TF401444*' '' -- mi-token explain "$T/large"
echo >>"$T/large"
expect 2 '' "mi-token: $T/large: more than 1048576 bytes" -- mi-token explain "$T/large"

it 'no text takes long, whatever it repeats'
# A sanitizer measures the whole text at each hit.
case $B in *san-*) size=65536 ;; *) size=1048576 ;; esac
for text in 'status 429 ' 'status 302 ' 'AADSTS' 'error_codes":[1234,' '"' 'code:Forbidden ' 'substatus'; do
	yes "$text" | tr -d '\n' | head -c "$size" >"$T/large"
	timeout 10 "$B/bin/mi-token" explain "$T/large" >/dev/null 2>&1
	case $? in 0 | 7) ;; *) bad "$text: too slow" ;; esac
done

it 'wrong usage is status 2'
expect 2 '' "~mi-token: cannot open '/none': No such file or directory; *pasted to standard input*" -- mi-token explain /none
expect 2 '' "~mi-token: cannot read $T: Is a directory" -- mi-token explain "$T"
expect 2 '' '~mi-token: more than one file*explain --help' -- mi-token explain a b
expect 2 '' '~mi-token: *--frob*explain --help' -- mi-token explain --frob
expect 0 '~usage: mi-token explain *' '' -- mi-token help explain
expect 0 '~mi-token *' '' -- mi-token explain --version
