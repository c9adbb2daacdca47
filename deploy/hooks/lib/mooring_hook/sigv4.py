"""AWS Signature Version 4:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
UNRESERVED = "-_.~"


def canonical_query(query):
    pairs = sorted((quote(name, UNRESERVED), quote(value, UNRESERVED))
                   for name, value in parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{name}={value}" for name, value in pairs)


def canonical_request(method, url, headers, body):
    """`headers` have lower-case names, and all of them are signed."""
    parts = urlsplit(url)
    lines = [f"{name}:{' '.join(value.split())}" for name, value in sorted(headers.items())]
    return "\n".join([method, quote(parts.path or "/", "/" + UNRESERVED), canonical_query(parts.query), *lines, "",
                      ";".join(sorted(headers)), hashlib.sha256(body).hexdigest()])


def signing_key(secret, scope):
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def sign(credentials, region, service, method, url, headers, body, now):
    """`headers` with lower-case names, and those that carry the signature. `now` is a UTC datetime."""
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    signed = {**headers, "host": urlsplit(url).netloc, "x-amz-date": stamp}
    if credentials.token:
        signed["x-amz-security-token"] = credentials.token
    digest = hashlib.sha256(canonical_request(method, url, signed, body).encode()).hexdigest()
    text = "\n".join([ALGORITHM, stamp, scope, digest])
    signature = hmac.new(signing_key(credentials.secret, scope), text.encode(), hashlib.sha256).hexdigest()
    signed["authorization"] = (f"{ALGORITHM} Credential={credentials.key_id}/{scope}, "
                               f"SignedHeaders={';'.join(sorted(signed))}, Signature={signature}")
    return signed
