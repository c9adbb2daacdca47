"""Route 53's record sets. The rest is in aws_mock."""

import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

from api_mock import Reply
from aws_mock import ROUTE53, AwsMock

ZONE = "Z0123456789ABCDEFGHIJ"
PATH = f"/2013-04-01/hostedzone/{ZONE}/rrset"


def tag(name):
    return f"{{{ROUTE53}}}{name}"


class Route53(AwsMock):
    def __init__(self):
        super().__init__()
        self.records = [  # in Route 53's order: labels from the right
            {"Name": "example.com.", "Type": "A", "TTL": "60", "Values": ["203.0.113.1"]},
            {"Name": "\\052.example.com.", "Type": "CNAME", "TTL": "60", "Values": ["us.example.net"]},
            {"Name": "failover.example.com.", "Type": "A", "TTL": "60", "Values": ["203.0.113.1"],
             "SetIdentifier": "primary", "Failover": "PRIMARY"},
            {"Name": "www.example.com.", "Type": "A", "TTL": "30", "Values": ["203.0.113.1"]},
            {"Name": "www.example.com.", "Type": "AAAA", "TTL": "30", "Values": ["2001:db8::1"]},
        ]

    def refusal(self, status, code, message):
        return Reply(status, f'<?xml version="1.0"?><ErrorResponse xmlns="{ROUTE53}"><Error><Type>Sender</Type>'
                             f"<Code>{code}</Code><Message>{escape(message)}</Message></Error>"
                             "<RequestId>1</RequestId></ErrorResponse>", "text/xml")

    def respond(self, request):
        self.expect(self.scope == ("us-east-1", "route53"), f"signed for {self.scope}")
        if not request.path.startswith(PATH):
            return self.refusal(404, "NoSuchHostedZone", "No hosted zone found with ID")
        if (request.method, request.path) == ("GET", PATH):
            return self._list(request.query)
        self.expect((request.method, request.path) == ("POST", PATH + "/"), f"{request.method} {request.path}")
        return self._change(request)

    def _list(self, query):
        start = self._order(query["name"].replace("*", "\\052"), query["type"])
        found = [record for record in self.records if self._order(record["Name"], record["Type"]) >= start]
        shown = found[:int(query["maxitems"])]
        more = "true" if len(found) > len(shown) else "false"
        following = (f"<NextRecordName>{found[len(shown)]['Name']}</NextRecordName><NextRecordType>"
                     f"{found[len(shown)]['Type']}</NextRecordType>" if more == "true" else "")
        return Reply(200, f'<?xml version="1.0"?><ListResourceRecordSetsResponse xmlns="{ROUTE53}"><ResourceRecordSets>'
                          f"{''.join(map(self._xml, shown))}</ResourceRecordSets><IsTruncated>{more}</IsTruncated>"
                          f"{following}<MaxItems>{query['maxitems']}</MaxItems></ListResourceRecordSetsResponse>",
                     "text/xml")

    @staticmethod
    def _order(name, kind):
        return list(reversed(name.rstrip(".").split("."))), kind

    @staticmethod
    def _xml(record):
        policy = "".join(f"<{key}>{record[key]}</{key}>" for key in ("SetIdentifier", "Failover") if key in record)
        values = "".join(f"<ResourceRecord><Value>{value}</Value></ResourceRecord>" for value in record["Values"])
        return (f"<ResourceRecordSet><Name>{record['Name']}</Name><Type>{record['Type']}</Type>{policy}"
                f"<TTL>{record['TTL']}</TTL><ResourceRecords>{values}</ResourceRecords></ResourceRecordSet>")

    def _change(self, request):
        root = ElementTree.fromstring(request.body)
        self.expect(root.tag == tag("ChangeResourceRecordSetsRequest"), f"the root {root.tag}")
        self.expect(request.headers.get("content-type", "application/xml") == "application/xml", "the content type")
        for change in root.iter(tag("Change")):
            action = change.findtext(tag("Action"))
            wanted = change.find(tag("ResourceRecordSet"))
            self.expect(action == "UPSERT", f"the action {action}")
            name = wanted.findtext(tag("Name")).rstrip(".").replace("*", "\\052") + "."
            kind = wanted.findtext(tag("Type"))
            self.records = [record for record in self.records if (record["Name"], record["Type"]) != (name, kind)]
            self.records.append({"Name": name, "Type": kind, "TTL": wanted.findtext(tag("TTL")),
                                 "Values": [value.text for value in wanted.iter(tag("Value"))]})
        self.records.sort(key=lambda record: self._order(record["Name"], record["Type"]))
        return Reply(200, f'<?xml version="1.0"?><ChangeResourceRecordSetsResponse xmlns="{ROUTE53}"><ChangeInfo>'
                          "<Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-11-20T12:00:00Z</SubmittedAt>"
                          "</ChangeInfo></ChangeResourceRecordSetsResponse>", "text/xml")
