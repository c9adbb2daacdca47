"""AWS credentials for a hook: its settings, the environment, a container's service, the instance's role (IMDSv2).

The first that is set up decides, as it does for the daemons (docs/credentials.md), which know more sources. A hook
lives for seconds, so nothing is kept or renewed.
"""

from dataclasses import dataclass

from .errors import Failed, TryAgain
from .rest import exchange, json_object, part
from .settings import Setting, http_url, is_loopback, is_plain, secret_text

METADATA_TIMEOUT = 1  # seconds: it is on this machine
SESSION_SECONDS = "21600"
MAX_TOKEN_BYTES = 16 * 1024
CONTAINER_HOST = "http://169.254.170.2"
CONTAINER_HOSTS = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23")
METADATA_URL = "http://169.254.169.254"
ROLES = "/latest/meta-data/iam/security-credentials/"

SETTINGS = (
    Setting("AWS_ACCESS_KEY_ID", "a key of its own, for nodes outside AWS", "", convert=secret_text),
    Setting("AWS_SECRET_ACCESS_KEY", "its secret", "", secret=True, convert=secret_text),
    Setting("AWS_SESSION_TOKEN", "its session token, if it has one", "", secret=True, convert=secret_text),
)


@dataclass(frozen=True)
class Credentials:
    key_id: str
    secret: str
    token: str
    source: str
    renewed: bool  # whether the next run gets fresh ones


def find(hook):
    found = from_settings(hook) or from_environment(hook) or from_container(hook) or from_instance(hook)
    if not is_plain(found.key_id) or (found.token and not is_plain(found.token)):
        raise Failed(f"the AWS credentials of {found.source} have spaces or other letters that no key has; mend them")
    hook.keep_secret(found.secret)
    if found.token:
        hook.keep_secret(found.token)
    return found


def from_settings(hook):
    key_id, secret = hook["AWS_ACCESS_KEY_ID"], hook["AWS_SECRET_ACCESS_KEY"]
    if bool(key_id) != bool(secret):
        raise Failed(f"{hook.settings.path} has only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; set both")
    if not key_id:
        return None
    return Credentials(key_id, secret, hook["AWS_SESSION_TOKEN"], f"AWS_ACCESS_KEY_ID in {hook.settings.path}", False)


def from_environment(hook):
    given = hook.environment
    key_id, secret = given.get("AWS_ACCESS_KEY_ID"), given.get("AWS_SECRET_ACCESS_KEY")
    if not key_id or not secret:
        return None
    source = "AWS_ACCESS_KEY_ID of the environment"
    return Credentials(key_id, secret, given.get("AWS_SESSION_TOKEN", ""), source, False)


def from_container(hook):
    given = hook.environment
    relative = given.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    full = given.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    if not relative and not full:
        return None
    url = CONTAINER_HOST + relative if relative else full
    try:
        parts = http_url(url, "https://credentials.example.com/")
    except ValueError as error:
        raise Failed(f'AWS_CONTAINER_CREDENTIALS_FULL_URI is "{url}"; {error}') from None
    if parts.scheme != "https" and not is_loopback(parts.hostname) and parts.hostname not in CONTAINER_HOSTS:
        raise Failed(f'AWS_CONTAINER_CREDENTIALS_FULL_URI is "{url}"; '
                     "use https, or the address of the container service")
    authorization = container_token(given)
    headers = {"Authorization": authorization} if authorization else {}
    answer = exchange(hook, "GET", url, headers, timeout=METADATA_TIMEOUT, through_proxy=False)
    return issued(answer, "the container service")


def container_token(given):
    name, text = "AWS_CONTAINER_AUTHORIZATION_TOKEN", given.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
    path = given.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    if path:
        name = f"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE {path}"
        try:
            with open(path, "rb") as file:
                text = file.read(MAX_TOKEN_BYTES).decode("ascii", "replace").strip()
        except OSError as error:
            raise Failed(f"{name} cannot be read ({error.strerror}); mend it") from None
    if text and not is_plain(text.replace(" ", "")):
        raise Failed(f"{name} is not one line of ASCII; mend it")
    return text


def from_instance(hook):
    nothing = Failed(f"there are no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in "
                     f"{hook.settings.path}, or give the instance a role")
    if hook.environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        raise nothing
    base = hook.environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or METADATA_URL

    def ask(method, path, headers):
        answer = exchange(hook, method, base.rstrip("/") + path, headers, timeout=METADATA_TIMEOUT, through_proxy=False)
        if answer.status == 404:
            raise nothing
        if not answer.ok:
            raise TryAgain(f"the instance's metadata answered HTTP {answer.status}")
        return answer

    try:
        session = ask("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": SESSION_SECONDS})
    except TryAgain as error:
        raise TryAgain(f"{error}; outside AWS set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in "
                       f"{hook.settings.path}") from None
    headers = {"X-aws-ec2-metadata-token": text_of(session)}
    role = text_of(ask("GET", ROLES, headers)).split()
    if not role:
        raise nothing
    return issued(ask("GET", ROLES + role[0], headers), "the instance's role")


def text_of(answer):
    text = answer.body.decode("ascii", "replace").strip()
    if "\ufffd" in text or any(not letter.isprintable() and letter != "\n" for letter in text):
        raise TryAgain("the instance's metadata answered with something that is not text")
    return text


def issued(answer, source):
    if not answer.ok:
        raise TryAgain(f"{source} answered HTTP {answer.status} instead of credentials")
    value = json_object(answer, source)
    return Credentials(part(value, "AccessKeyId", str, source), part(value, "SecretAccessKey", str, source),
                       part(value, "Token", str, source), source, True)
