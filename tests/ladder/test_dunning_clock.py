"""The day of a run is the company's own: month ends, time zones, nights when the clock is moved."""

from datetime import date, timedelta

from freezegun import freeze_time

from tests.ladder.dunning_common import DunningCommon


class TestDunningClock(DunningCommon):
    """Runs at instants in UTC; the levels that fire are those of the company's calendar day."""

    def runs_at(self, *instants, zone):
        """Run at each instant (UTC); the days on which somebody was reminded, and of which."""
        self.company.contact_timezone = zone
        told = []
        for instant in instants:
            with freeze_time(instant):
                day = self.company._today()
                self.run_ladder(day)
            told.append(
                (day.isoformat(), [n.level_offset for n in self.notices(day, self.customer)])
            )
        return told

    def test_at_midnight_of_a_month_end_the_companys_day_counts(self):
        """Due 31 January: at 02:30 UTC of 1 February it is still the 31st in São Paulo."""
        self.make_installments(("2026-01-31", "100.00"))
        told = self.runs_at("2026-02-01 02:30", "2026-02-01 03:30", zone="America/Sao_Paulo")
        self.assertEqual(told, [("2026-01-31", []), ("2026-02-01", [1])])

    def test_the_last_day_of_february_of_a_leap_year(self):
        """Due 28 February 2028: +1 is the 29th, +5 the 4th of March."""
        self.make_installments(("2028-02-28", "100.00"))
        days = [date(2028, 2, 28) + timedelta(days=n) for n in range(6)]
        told = self.runs_at(*(f"{day} 15:00" for day in days), zone="America/Sao_Paulo")
        self.assertEqual(
            [(day, levels) for day, levels in told if levels],
            [("2028-02-29", [1]), ("2028-03-04", [5])],
        )

    def test_an_hour_that_comes_twice_reminds_once(self):
        """New York, 1 November 2026: 01:30 comes at 05:30 and again at 06:30 UTC."""
        self.make_installments(("2026-10-31", "100.00"))
        told = self.runs_at(
            "2026-11-01 03:59", "2026-11-01 05:30", "2026-11-01 06:30", zone="America/New_York"
        )
        self.assertEqual(told, [("2026-10-31", []), ("2026-11-01", [1]), ("2026-11-01", [1])])
        self.assertEqual(len(self.customer.dunning_notice_ids), 1)

    def test_a_day_of_23_hours_is_a_day(self):
        """Santiago, 6 September 2026: midnight does not exist, the day begins at 01:00."""
        self.make_installments(("2026-09-05", "100.00"))
        told = self.runs_at(
            "2026-09-06 03:59", "2026-09-06 04:00", "2026-09-07 02:59", "2026-09-10 03:00",
            zone="America/Santiago",
        )  # fmt: skip
        self.assertEqual(
            told,
            [
                ("2026-09-05", []),
                ("2026-09-06", [1]),
                ("2026-09-06", [1]),
                ("2026-09-10", [5]),
            ],
        )
        self.assertEqual(len(self.customer.dunning_notice_ids), 2)

    def test_every_morning_of_a_year_each_level_once(self):
        """The cron's 10:00 UTC over both changes of Lisbon's clock."""
        self.make_installments(("2026-03-28", "100.00"), ("2026-10-24", "100.00"))
        days = [date(2026, 3, 20) + timedelta(days=n) for n in range(45)]
        days += [date(2026, 10, 15) + timedelta(days=n) for n in range(45)]
        told = self.runs_at(*(f"{day} 10:00" for day in days), zone="Europe/Lisbon")
        lines = self.customer.dunning_notice_ids.line_ids.filtered("advanced")
        for line in lines.move_line_id:
            mine = lines.filtered(lambda row, line=line: row.move_line_id == line)
            self.assertEqual(
                sorted((row.date - row.due_date).days for row in mine),
                sorted(row.level_offset for row in mine),
            )
        self.assertEqual(
            sum(len(levels) for _day, levels in told), len(self.customer.dunning_notice_ids)
        )
        self.assertEqual(len(lines), 16)
