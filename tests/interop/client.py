# What a program in Python gets from azure-identity: client.py CREDENTIAL SCOPE [OPTIONS]
# prints the token's audience and application, or the error's class and text.
# SPDX-License-Identifier: MIT
import base64
import json
import sys

import azure.identity


def read_token(credential, scope):
    token = credential.get_token(scope)
    part = token.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if abs(token.expires_on - claims["exp"]) > 2:
        raise ValueError(f"the expiry is {token.expires_on - claims['exp']} s off")
    return f"{claims['aud']} {claims['appid']}"


def main():
    name, scope = sys.argv[1:3]
    options = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
    try:
        print(read_token(getattr(azure.identity, name)(**options), scope))
    except Exception as e:  # whatever class it is: that is the question
        print(f"{type(e).__name__}: {e}")
        sys.exit(1)


main()
