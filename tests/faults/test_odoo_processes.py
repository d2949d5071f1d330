"""The processes that tests play faults with are processes of their own, each on its database."""

import os
import signal

import psutil

LOOK = """
import os, sys
env.cr.execute("SELECT current_database(), pg_backend_pid()")
database, backend = env.cr.fetchone()
print(database, backend, os.getpid(), env.registry.db_name)
print(os.environ.get("ONLY_HERE", "-"), "seen" in vars(sys), sep=" ")
sys.seen = True
print("trouble", file=sys.stderr)
"""
NEW_FIELD = """
env["ir.model.fields"].create({
    "name": "x_shelf", "model_id": env["ir.model"]._get_id("res.partner"), "ttype": "char"})
env.cr.commit()
"""


def test_each_is_alone_on_its_database(clone_database, odoo_process):
    names = [clone_database("first"), clone_database("second")]
    started = [odoo_process(names[0], LOOK, ONLY_HERE="yes"), odoo_process(names[1], LOOK)]
    told = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0]
    seen = [output.split() for output, _errors in told]
    assert [[words[0], words[3]] for words in seen] == [[name, name] for name in names]
    assert [words[2] for words in seen] == [str(process.pid) for process in started]
    assert seen[0][1] != seen[1][1], "one connection for two"
    assert [words[4:] for words in seen] == [["yes", "False"], ["-", "False"]]
    assert [errors for _output, errors in told] == ["trouble\n", "trouble\n"]


def test_it_tells_how_it_ended(clone_database, odoo_process):
    name = clone_database("ends")
    raised = odoo_process(name, "raise ValueError('no such lens')")
    _output, errors = raised.communicate(timeout=120)
    assert raised.returncode == 1
    assert errors.strip().endswith("ValueError: no such lens")
    assert odoo_process(name, "raise SystemExit(7)").wait(120) == 7
    sleeping = odoo_process(name, "print('here', flush=True); import time; time.sleep(600)")
    assert sleeping.stdout.readline() == "here\n"
    assert sleeping.poll() is None
    os.killpg(sleeping.pid, signal.SIGKILL)
    assert sleeping.wait(120) == -signal.SIGKILL


def test_a_database_that_changed_is_read_anew(clone_database, odoo_process):
    name = clone_database("changed")
    look = "print('x_shelf' in env['res.partner']._fields)"
    assert odoo_process(name, look).communicate(timeout=120)[0] == "False\n"
    assert odoo_process(name, NEW_FIELD).wait(120) == 0
    assert odoo_process(name, look).communicate(timeout=120)[0] == "True\n"


def test_they_start_after_odoo_s_tests_ended_all_children(clone_database, odoo_process):
    name = clone_database("orphan")
    children = psutil.Process().children()
    for child in children:
        child.terminate()
    psutil.wait_procs(children, timeout=10)
    assert odoo_process(name, "print(env.cr.dbname)").communicate(timeout=120)[0] == f"{name}\n"
