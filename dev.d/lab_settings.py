"""Settings of the lab's nodes on the command line of ./dev lab and ./dev drill."""

import tomllib

from processes import Failure


def add_setting_option(parser):
    parser.add_argument("--set", metavar="SECTION.KEY=VALUE", action="append", default=[], dest="settings",
                        help="a setting of the nodes' mooring.toml, as TOML, such as 'region.failback_hold=\"20s\"'")


def read_settings(texts):
    """{section: {key: value}} of SECTION.KEY=VALUE texts."""
    found = {}
    for text in texts:
        name, _, value = text.partition("=")
        section, _, key = name.strip().rpartition(".")
        try:
            found.setdefault(section, {})[key] = tomllib.loads(f"value = {value}")["value"]
        except (tomllib.TOMLDecodeError, KeyError):
            raise Failure(f"--set {text}: write SECTION.KEY=VALUE, with text in quotes") from None
        if not section or not key:
            raise Failure(f"--set {text}: write SECTION.KEY=VALUE")
    return found
