//! What a process counts and measures of itself, for Prometheus (A24).
//!
//! The table is the whole list: a row makes a metric, and `app.metrics` has it under the row's first word. Names end in their unit, and
//! counters in `_total`. A label has few values that are known beforehand: a route's template, a policy, a state, and never anything that a
//! client wrote or that is about a person.

mod families;
mod requests;

pub(crate) use families::{Counters, Durations, Gauges, SecondsGauges, Sizes};
pub(crate) use requests::{RequestCounts, method_word};

use families::Family;
use prometheus::{Registry, TextEncoder};

/// Declares the table. A row is: field, kind with the number of labels, name, labels, and what it tells.
macro_rules! metrics {
    ($($field:ident: $kind:ident<$count:literal> = $name:literal, $labels:expr, $help:literal;)+) => {
        /// Every metric of a process.
        #[derive(Debug)]
        pub(crate) struct Metrics {
            registry: Registry,
            $(#[doc = $help] pub(crate) $field: $kind<$count>,)+
        }

        impl Metrics {
            /// Every metric, with nothing counted yet.
            pub(crate) fn new() -> prometheus::Result<Self> {
                let registry = Registry::new();
                Ok(Self { $($field: $kind::<$count>::add_to(&registry, $name, $help, $labels)?,)+ registry })
            }
        }
    };
}

metrics! {
    // Requests.
    requests: Counters<4> = "postbag_http_requests_total", ["listener", "route", "method", "status"], "Requests answered.";
    request_seconds: Durations<3> = "postbag_http_request_duration_seconds", ["listener", "route", "method"],
        "How long an answer took, from the request's head to the answer's.";
    problems: Counters<3> = "postbag_problems_total", ["route", "method", "problem"], "Requests answered with a problem, by its slug.";
    limits_met: Counters<1> = "postbag_limits_met_total", ["policy"], "How often a request came too soon.";

    // Submissions.
    challenges_solved: Counters<0> = "postbag_challenges_solved_total", [],
        "Challenges that let a submission in. Those that did not are among the problems.";
    signals: Counters<2> = "postbag_signals_total", ["signal", "outcome"],
        "Signals that submissions gave, with the outcome of the rules: accept, hold or refuse.";
    submissions: Counters<1> = "postbag_submissions_total", ["outcome"],
        "Submissions answered with a receipt: accepted, held for a person, test, or replayed (an earlier answer again).";
    intake_waiting: Gauges<0> = "postbag_intake_waiting", [], "Submissions that wait to be stored.";
    intake_capacity: Gauges<0> = "postbag_intake_capacity", [], "Submissions that may wait; the next one is answered 503.";
    intake_groups: Sizes<0> = "postbag_intake_group_size", [], "Submissions stored in one transaction.";
    intake_seconds: Durations<0> = "postbag_intake_group_duration_seconds", [], "How long storing a group took.";

    // What leaves: of the database, so every node tells the same.
    deliveries: Gauges<1> = "postbag_deliveries", ["state"], "Messages to representatives, without tests and repeats.";
    mails: Gauges<1> = "postbag_mails_waiting", ["state"], "Mails to supporters that have not been dealt with.";
    overdue: SecondsGauges<1> = "postbag_queue_oldest_due_age_seconds", ["queue"],
        "For how long the oldest entry that is due has been due: deliveries, mails, digests.";
    in_review: Gauges<0> = "postbag_submissions_in_review", [], "Submissions that wait for a person.";
    alarms: Gauges<1> = "postbag_alarms", ["rate"], "Rates of submissions that are outside their usual band: campaign, domain, client.";
    queues_read: Gauges<0> = "postbag_queues_read", [], "1 if the queues could be looked at for this answer; without, they are not in it.";

    // The relay, as this process found it.
    relay_up: Gauges<1> = "postbag_relay_up", ["transport"], "1 if the last attempt reached the relay or the folder; nothing before the first.";
    relay_refusals: Counters<0> = "postbag_relay_refusals_total", [],
        "Refusals that are about this server: a policy, a block list, a signature.";

    // This process.
    snapshot_age: SecondsGauges<0> = "postbag_snapshot_age_seconds", [], "Time since what is in memory was known to be the database's.";
    connections: Gauges<1> = "postbag_database_connections", ["pool"], "Connections to the database that may be open.";
    connections_in_use: Gauges<1> = "postbag_database_connections_in_use", ["pool"], "Connections that work at this moment.";
    build: Gauges<1> = "postbag_build_info", ["version"], "Always 1.";
    started: SecondsGauges<0> = "process_start_time_seconds", [], "When the process started, since 1970.";
}

impl Metrics {
    /// Everything as it stands, in Prometheus's text format.
    pub(crate) fn text(&self) -> prometheus::Result<String> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_label_is_told_from_the_start() {
        let text = Metrics::new().unwrap().text().unwrap();
        assert!(
            text.contains("\npostbag_intake_waiting 0\n") && text.contains("\npostbag_relay_refusals_total 0\n"),
            "{text}"
        );
        assert!(text.contains("# TYPE postbag_intake_group_size histogram"), "{text}");
    }

    #[test]
    fn a_counter_says_so_and_a_time_its_unit() {
        let metrics = Metrics::new().unwrap();
        metrics.problems.count(["/v1/x", "GET", "not-found"]);
        metrics.request_seconds.of(["public", "/v1/x", "GET"]).observe(0.1);
        for family in metrics.registry.gather() {
            let is_counter = family.get_field_type() == prometheus::proto::MetricType::COUNTER;
            assert_eq!(family.name().ends_with("_total"), is_counter, "{}", family.name());
            let is_time =
                family.name().contains("duration") || family.name().contains("age") || family.name().contains("time");
            assert_eq!(family.name().ends_with("_seconds"), is_time, "{}", family.name());
        }
    }
}
