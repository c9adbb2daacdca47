"""DigitalOcean's API v2: https://docs.digitalocean.com/reference/api/"""

from .errors import Failed
from .rest import TokenApi
from .settings import TIMEOUT, Setting, api_url, secret_text

PAGE_SIZE = 200  # the most that the API gives
MAX_PAGES = 50
BUSY = "while it processes previous actions"


def settings(permissions):
    return (Setting("DIGITALOCEAN_TOKEN", f"a personal access token with {permissions}", secret=True,
                    convert=secret_text),
            api_url("https://api.digitalocean.com"), TIMEOUT)


def api(hook, permissions):
    # A load balancer that is still at work on its last change is "forbidden", too:
    # https://github.com/digitalocean/openapi/issues/1173
    return TokenApi(hook, "DIGITALOCEAN_TOKEN", permissions, lambda answer: answer["message"],
                    lambda _answer, reason: BUSY in reason)


def has_next(answer):
    links = answer.get("links")
    pages = links.get("pages") if isinstance(links, dict) else None
    return isinstance(pages, dict) and "next" in pages


def every(api, path, name, query, names):
    """All items of the list `name`, page by page. The links in the answers are not followed, only noticed: they could
    lead anywhere."""
    for page in range(1, MAX_PAGES + 1):
        answer = api.call("GET", path, query={**query, "page": page, "per_page": PAGE_SIZE}, names=names)
        yield from api.objects(answer, name)
        if not has_next(answer):
            return
    raise Failed(f"{api.host} has more than {MAX_PAGES * PAGE_SIZE} items under {path}; check {names}")
