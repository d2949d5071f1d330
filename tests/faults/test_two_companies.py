"""Two companies, two providers, two workers: one provider fails, the other company goes on."""

import contextlib
from collections import Counter

import psycopg2
import pytest

from tests.faults.sending_common import (
    CLOCK,
    DISPATCH_TOGETHER,
    Provider,
    finished,
    wait_until,
)

COUNT = 150
BUILD = """
env["contact.gateway"].search([]).write({"state": "disabled"})
template = env["contact.template"].create({
    "name": "Hi", "purpose": "service", "channel_order": "whatsapp",
    "whatsapp_body": "Hi {{customer_first_name}}!", "whatsapp_template_name": "hi",
})
other = env["res.company"].create(
    {"name": "Other", "country_id": env.ref("base.br").id, "phone": "(11) 3333-5555"}
)
for number, (company, url) in enumerate(zip((env.company, other), %(urls)r)):
    env["contact.gateway"].create({
        "name": company.name, "company_id": company.id, "provider": "whatsapp_cloud",
        "state": "live", "base_url": url, "phone_number_id": f"123456789{number}",
        "access_token": "token", "app_secret": "secret", "pool_size": 8, "rate_per_second": 80.0,
    })
    customers = env["res.partner"].create([
        {"name": f"Customer {k}", "company_id": company.id,
         "phone": f"+551198{number}%%06d" %% (100000 + k)}
        for k in range(%(count)d)
    ])
    env["contact.message"].with_company(company)._enqueue(customers, template)
env.cr.commit()
"""


def rows(database, query):
    connection = psycopg2.connect(dbname=database)
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


@pytest.mark.parametrize("trouble", ["refuses the token", "is not there"])
def test_the_other_company_goes_on(trouble, clone_database, odoo_process, tmp_path):
    with contextlib.ExitStack() as stack:
        failing = Provider(tmp_path / "failing.jsonl", latency=0.05, access_token="another")
        healthy = Provider(tmp_path / "healthy.jsonl", latency=0.05)
        stack.callback(failing.close)
        stack.callback(healthy.close)
        if trouble == "is not there":
            failing.process.kill()
            failing.process.wait()
        database = clone_database("two_companies")
        urls = [failing.url, healthy.url]
        finished(odoo_process(database, CLOCK + BUILD % {"urls": urls, "count": COUNT}))
        go, ready = tmp_path / "go", [tmp_path / "ready1", tmp_path / "ready2"]
        workers = [
            odoo_process(database, DISPATCH_TOGETHER % {"ready": str(file), "go": str(go)})
            for file in ready
        ]
        wait_until(lambda: all(file.exists() for file in ready))
        go.touch()
        for worker in workers:
            finished(worker)
        taken = healthy.taken()
        asked = failing.log.read_text(encoding="utf-8").splitlines()

    [first, second] = rows(
        database,
        "SELECT paused_until IS NOT NULL, COALESCE(last_error, ''), storms FROM contact_gateway"
        " WHERE provider = 'whatsapp_cloud' AND state = 'live' ORDER BY id",
    )
    assert first[0] and first[1], "the manager reads why nothing leaves"
    assert first[2] == (trouble == "is not there"), "one trouble, whoever of the two met it"
    assert second == (False, "", 0)
    told = rows(
        database,
        "SELECT count(*) FROM mail_activity WHERE res_model = 'contact.gateway' GROUP BY user_id",
    )
    assert set(told) == ({(1,)} if trouble == "refuses the token" else set())
    states = rows(database, "SELECT company_id, uuid, state FROM contact_message ORDER BY id")
    ours, theirs = states[:COUNT], states[COUNT:]
    assert {company for company, *_rest in ours} != {company for company, *_rest in theirs}
    assert Counter(state for *_rest, state in theirs) == {"sent": COUNT}
    assert taken == Counter({uuid: 1 for _company, uuid, _state in theirs})
    assert Counter(state for *_rest, state in ours) == {"queued": COUNT}
    # Each worker gives up after what it had under way, and nobody goes on asking.
    assert len(asked) <= 2 * 32
