//! When a schedule comes next.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// When a schedule comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Then.
    At(Timestamp),
    /// Again, but not known when: no time zones but UTC are known here.
    Again,
    /// Never again.
    Never,
    /// The expression is not understood.
    Untold,
}

/// No time zone is further from UTC.
const FURTHEST: SignedDuration = SignedDuration::from_hours(14);

/// For so many days it is looked for the next time: a leap day comes after eight years at the latest.
const DAYS: usize = 366 * 9;

/// When an expression of EventBridge Scheduler comes next. `timezone`: of the IANA database; `None` is UTC.
///
/// Source: [schedule types](https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html).
pub(super) fn next(expression: &str, timezone: Option<&str>, now: Timestamp) -> Next {
    if within(expression, "rate").is_some() {
        return Next::Again;
    }
    let is_utc = matches!(timezone, None | Some("UTC" | "Etc/UTC" | "GMT"));
    let local = |now: Timestamp| TimeZone::UTC.to_datetime(now);
    // Elsewhere, what comes in 14 hours comes in any case.
    let (from, surely) = if is_utc {
        (Some(now), Some(now))
    } else {
        (
            now.checked_sub(FURTHEST).ok(),
            now.checked_add(FURTHEST).ok(),
        )
    };
    let (Some(from), Some(surely)) = (from, surely) else {
        return Next::Untold;
    };
    let times: Box<dyn Fn(DateTime) -> Option<DateTime>> =
        if let Some(fields) = within(expression, "cron").and_then(Cron::read) {
            Box::new(move |after| fields.next(after))
        } else if let Some(at) = within(expression, "at").and_then(|it| it.parse().ok()) {
            Box::new(move |after| (at > after).then_some(at))
        } else {
            return Next::Untold;
        };
    match (times(local(surely)), times(local(from))) {
        (Some(at), _) if is_utc => at
            .to_zoned(TimeZone::UTC)
            .map_or(Next::Untold, |it| Next::At(it.timestamp())),
        (Some(_), _) => Next::Again,
        (None, None) => Next::Never,
        (None, Some(_)) => Next::Untold,
    }
}

/// What stands in the parentheses of an expression of a kind.
fn within<'e>(expression: &'e str, kind: &str) -> Option<&'e str> {
    let rest = expression.trim().strip_prefix(kind)?;
    rest.strip_prefix('(')?.strip_suffix(')')
}

/// The numbers of a field that count.
type Numbers = Vec<i16>;

/// The fields of a cron expression, read.
struct Cron {
    minutes: Numbers,
    hours: Numbers,
    days: Numbers,
    months: Numbers,
    /// From 1, which is Sunday, to 7.
    weekdays: Numbers,
    years: Numbers,
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Cron {
    /// `None`: it has a form that is not known here, such as `L`, the last day of a month.
    fn read(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields.as_slice() else {
            return None;
        };
        Some(Cron {
            minutes: numbers(minutes, 0, 59, &[])?,
            hours: numbers(hours, 0, 23, &[])?,
            days: numbers(days, 1, 31, &[])?,
            months: numbers(months, 1, 12, &MONTHS)?,
            weekdays: numbers(weekdays, 1, 7, &WEEKDAYS)?,
            years: numbers(years, 1970, 2199, &[])?,
        })
    }

    fn next(&self, after: DateTime) -> Option<DateTime> {
        let mut date = after.date();
        for _ in 0..DAYS {
            if self.has(date) {
                let times = self.hours.iter().flat_map(|hour| {
                    let at = |minute: &i16| {
                        let hour = i8::try_from(*hour).ok()?;
                        Time::new(hour, i8::try_from(*minute).ok()?, 0, 0).ok()
                    };
                    self.minutes.iter().filter_map(at).collect::<Vec<Time>>()
                });
                let mut later = times.map(|it| date.to_datetime(it));
                if let Some(next) = later.find(|it| *it > after) {
                    return Some(next);
                }
            }
            date = date.checked_add(1.day()).ok()?;
        }
        None
    }

    fn has(&self, date: Date) -> bool {
        let weekday = i16::from(date.weekday().to_sunday_one_offset());
        self.years.contains(&date.year())
            && self.months.contains(&i16::from(date.month()))
            && self.days.contains(&i16::from(date.day()))
            && self.weekdays.contains(&weekday)
    }
}

/// The numbers of one field, in order. `names`: what the numbers may be called, the first of them `least`.
fn numbers(field: &str, least: i16, most: i16, names: &[&str]) -> Option<Numbers> {
    let number = |text: &str| {
        let named = names.iter().position(|it| it.eq_ignore_ascii_case(text));
        let number = match named {
            Some(at) => least.checked_add(i16::try_from(at).ok()?)?,
            None => text.parse().ok()?,
        };
        (least..=most).contains(&number).then_some(number)
    };
    let mut all = Numbers::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|it| *it > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (least, most),
            Some((from, to)) => (number(from)?, number(to)?),
            None if part.contains('/') => (number(range)?, most),
            None => (number(range)?, number(range)?),
        };
        all.extend((from..=to).step_by(step));
    }
    all.sort_unstable();
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_is_the_first_one_after_now() {
        // A Monday.
        let now: Timestamp = "2026-06-15T06:00:00Z".parse().unwrap();
        let at = |text: &str| Next::At(text.parse().unwrap());
        for (expression, expected) in [
            ("cron(0 6 * * ? *)", at("2026-06-16T06:00:00Z")),
            ("cron(0/20 6-7 * * ? *)", at("2026-06-15T06:20:00Z")),
            ("cron(30 5 ? * MON-FRI *)", at("2026-06-16T05:30:00Z")),
            ("cron(0 6 ? * 1 *)", at("2026-06-21T06:00:00Z")),
            ("cron(0 0 29 FEB ? *)", at("2028-02-29T00:00:00Z")),
            ("cron(0 6 1,16 * ? 2026-2027)", at("2026-06-16T06:00:00Z")),
            ("at(2026-07-01T00:00:00)", at("2026-07-01T00:00:00Z")),
            ("at(2026-06-15T06:00:00)", Next::Never),
            ("cron(0 6 * * ? 2025)", Next::Never),
            ("cron(0 6 L * ? *)", Next::Untold),
            ("cron(0 6 * * ?)", Next::Untold),
            ("rate(1 day)", Next::Again),
            ("sometimes", Next::Untold),
        ] {
            assert_eq!(next(expression, None, now), expected, "{expression}");
            assert_eq!(next(expression, Some("UTC"), now), expected, "{expression}");
        }
    }

    #[test]
    fn in_another_time_zone_only_what_comes_anywhere_is_said_to_come() {
        let now: Timestamp = "2026-06-15T06:00:00Z".parse().unwrap();
        let there = |expression| next(expression, Some("Europe/Berlin"), now);
        assert_eq!(there("cron(0 6 * * ? *)"), Next::Again);
        assert_eq!(there("at(2026-06-15T08:00:00)"), Next::Untold);
        assert_eq!(there("at(2026-06-14T08:00:00)"), Next::Never);
    }
}
