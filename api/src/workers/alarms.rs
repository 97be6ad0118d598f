//! Counts submissions in windows of five minutes, and raises an alarm where a rate leaves its usual band.

use super::WorkerContext;
use crate::ids;
use chrono::{DateTime, DurationRound, Utc};
use postbag_domain::OrganisationId;
use postbag_domain::alarm::{Band, RateOf, WINDOW, WINDOWS};
use postbag_persistence::{CountedRate, NewAlarm, StoreError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked whether a window has ended.
const ROUND: Duration = Duration::from_secs(10);

/// How long after its end a window is counted: submissions that were on their way are stored by then.
const LATE: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

/// A rate, without its count.
type Subject = (RateOf, OrganisationId, String);

/// The bands of all rates that were seen in the last two hours.
#[derive(Default)]
struct Bands {
    bands: HashMap<Subject, Band>,
    /// The end of the last window that is in them.
    until: Option<DateTime<Utc>>,
}

/// Runs until it is stopped. A window that cannot be counted is counted with the next round.
pub(super) async fn run(context: Arc<WorkerContext>, stop: CancellationToken) {
    let mut bands = Bands::default();
    loop {
        if let Err(error) = watch(&context, &mut bands).await {
            tracing::warn!(%error, "submissions could not be counted for alarms");
        }
        if stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_none() {
            return;
        }
    }
}

async fn watch(context: &WorkerContext, bands: &mut Bands) -> Result<(), StoreError> {
    let last = last_window(context.clock.now() - LATE);
    let earliest = last - WINDOW * i32::try_from(WINDOWS).unwrap_or_default();
    let mut ended = bands.until.map_or(earliest, |until| until.max(earliest)) + WINDOW;
    while ended <= last {
        let counted = context.store.rates(ended).await?;
        let outside = bands.judge(&counted);
        // What was outside before this server began was seen by another, or is over.
        if ended == last {
            for alarm in context.store.keep_alarms(outside, ended, ids::fresh).await? {
                tell(&alarm);
            }
        }
        bands.add(&counted);
        bands.until = Some(ended);
        ended += WINDOW;
    }
    Ok(())
}

/// The end of the last window before a moment.
fn last_window(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(WINDOW).unwrap_or(now)
}

/// Tells the log. A domain or a client may name a person, and is only shown to staff.
fn tell(alarm: &NewAlarm) {
    let NewAlarm { counted, departure, usual } = alarm;
    let organisation = counted.organisation_id;
    tracing::warn!(%organisation, rate = %counted.rate, %departure, count = counted.count, usual, "a rate left its usual band");
}

impl Bands {
    fn judge(&self, counted: &[CountedRate]) -> Vec<NewAlarm> {
        let unknown = Band::default();
        let seen = counted.iter().map(|rate| (rate.clone(), self.bands.get(&subject(rate)).unwrap_or(&unknown)));
        let missing = self.bands.iter().filter(|(known, _)| !counted.iter().any(|rate| subject(rate) == **known));
        let missing = missing.map(|((rate, organisation_id, subject), band)| {
            let none =
                CountedRate { rate: *rate, organisation_id: *organisation_id, subject: subject.clone(), count: 0 };
            (none, band)
        });
        let outside = |(counted, band): (CountedRate, &Band)| {
            let departure = band.departure(counted.rate, counted.count)?;
            Some(NewAlarm { counted, departure, usual: band.usual() })
        };
        seen.chain(missing).filter_map(outside).collect()
    }

    fn add(&mut self, counted: &[CountedRate]) {
        let mut counts: HashMap<Subject, u32> = counted.iter().map(|rate| (subject(rate), rate.count)).collect();
        for (known, band) in &mut self.bands {
            band.add(counts.remove(known).unwrap_or_default());
        }
        for (new, count) in counts {
            let mut band = Band::default();
            band.add(count);
            self.bands.insert(new, band);
        }
        self.bands.retain(|_, band| !band.is_empty());
    }
}

fn subject(rate: &CountedRate) -> Subject {
    (rate.rate, rate.organisation_id, rate.subject.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use postbag_domain::alarm::Departure;
    use uuid::Uuid;

    fn counted(rate: RateOf, count: u32) -> CountedRate {
        let organisation_id = OrganisationId::new(Uuid::from_u128(1));
        CountedRate { rate, organisation_id, subject: "one".to_owned(), count }
    }

    #[test]
    fn a_flood_is_outside_and_so_is_a_campaign_that_falls_silent() {
        let mut bands = Bands::default();
        for _ in 0..WINDOWS {
            bands.add(&[counted(RateOf::Campaign, 40), counted(RateOf::Domain, 40)]);
        }
        assert_eq!(bands.judge(&[counted(RateOf::Campaign, 60), counted(RateOf::Domain, 60)]), []);
        let flood = bands.judge(&[counted(RateOf::Campaign, 60), counted(RateOf::Domain, 161)]);
        let told: Vec<_> = flood.iter().map(|alarm| (alarm.counted.rate, alarm.departure, alarm.usual)).collect();
        assert_eq!(told, [(RateOf::Domain, Departure::Above, 40)]);
        let silence = bands.judge(&[]);
        assert_eq!(silence.len(), 1);
        assert_eq!((silence[0].counted.rate, silence[0].departure), (RateOf::Campaign, Departure::Below));
    }

    #[test]
    fn what_was_not_seen_for_two_hours_is_forgotten() {
        let mut bands = Bands::default();
        bands.add(&[counted(RateOf::Client, 10)]);
        for _ in 0..WINDOWS {
            bands.add(&[]);
        }
        assert!(bands.bands.is_empty());
    }

    #[test]
    fn a_window_ends_each_five_minutes() {
        let now: DateTime<Utc> = "2026-12-01T09:07:31Z".parse().unwrap();
        assert_eq!(last_window(now).to_rfc3339(), "2026-12-01T09:05:00+00:00");
    }
}
