"""Linode's API v4: https://techdocs.akamai.com/linode-api/reference/api"""

from .errors import Failed
from .rest import TokenApi
from .settings import TIMEOUT, Setting, api_url, secret_text

PAGE_SIZE = 500  # the most that the API gives
MAX_PAGES = 50  # a domain has at most 12,000 records, a port of a NodeBalancer 2,000 nodes


def settings(permissions):
    return (Setting("LINODE_TOKEN", f"a personal access token with {permissions}", secret=True, convert=secret_text),
            api_url("https://api.linode.com"), TIMEOUT)


def api(hook, permissions):
    return TokenApi(hook, "LINODE_TOKEN", permissions,
                    lambda answer: "; ".join(error["reason"] for error in answer["errors"]))


def every(api, path, names):
    """All items of a collection, page by page."""
    for page in range(1, MAX_PAGES + 1):
        answer = api.call("GET", path, query={"page": page, "page_size": PAGE_SIZE}, names=names)
        yield from api.objects(answer, "data")
        if page >= api.part(answer, "pages", int):
            return
    raise Failed(f"{api.host} has more than {MAX_PAGES * PAGE_SIZE} items under {path}; check {names}")
