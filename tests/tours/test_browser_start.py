"""A busy machine: the tests' browser starts late, or only at the second try."""

import stat
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase, common, tagged

# The first start ends at once; the second takes longer than Odoo's own ten seconds.
SLOW_BROWSER = """#!/bin/sh
echo start >> {starts}
test $(wc -l < {starts}) -gt 1 || {{ echo "out of memory" >&2; exit 3; }}
sleep 11
exec {browser} "$@"
"""
DEAD_BROWSER = """#!/bin/sh
echo start >> {starts}
echo "no display" >&2
exit 4
"""


@tagged("standard", "post_install", "-at_install")
class TestBrowserStart(HttpCase):
    """With another program in the place where Odoo looks for the browser first."""

    def _replace_browser(self, script):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.starts = folder / "starts"
        program = folder / "browser"
        program.write_text(script.format(starts=self.starts, browser=common._find_executable()))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.enterContext(patch.object(common, "_find_executable", lambda: str(program)))

    def _count_starts(self):
        return len(self.starts.read_text().splitlines())

    def test_a_late_browser_is_waited_for(self):
        self._replace_browser(SLOW_BROWSER)
        self.browser_js("/web/login", "console.log('test successful')")
        self.assertEqual(self._count_starts(), 2)

    def test_a_browser_that_never_starts_fails_and_skips_nothing(self):
        self._replace_browser(DEAD_BROWSER)
        with self.assertRaisesRegex(AssertionError, "did not start.*exit code 4.*no display"):
            self.browser_js("/web/login", "console.log('test successful')")
        self.assertEqual(self._count_starts(), 3)
