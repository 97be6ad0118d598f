use super::*;
use chrono::DateTime;
use std::net::Ipv4Addr;
use std::time::Duration;

fn counters() -> (Counters, Clock) {
    let clock = Clock::still(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    (Counters::new(&clock), clock)
}

/// The charges of a client on a rate.
fn of_client(client: u32, a_minute: u32, an_hour: u32) -> Vec<Charge> {
    let mut who = [0; 16];
    who[..4].copy_from_slice(&Ipv4Addr::from_bits(client).octets());
    let subject = Subject::of(Uuid::nil(), who);
    Policy::each(Limit::Reports, rate(a_minute, an_hour))
        .map(|policy| Charge { policy, subject, is_own: true })
        .collect()
}

fn with_all(mut charges: Vec<Charge>, an_hour: u32) -> Vec<Charge> {
    let all = Policy::each(Limit::ReportsTogether, rate(0, an_hour));
    charges.extend(all.map(|policy| Charge { policy, subject: Subject::everybody(Uuid::nil()), is_own: false }));
    charges
}

fn standing(counters: &Counters, charges: &[Charge]) -> Result<String, (String, u64)> {
    counters.charge(charges).map(|announced| announced.unwrap().texts().1.to_owned()).map_err(|refused| refused.says())
}

fn refused(name: &str, seconds: u64) -> Result<String, (String, u64)> {
    Err((name.to_owned(), seconds))
}

#[test]
fn each_client_has_a_quota_that_comes_back_bit_by_bit() {
    let (counters, clock) = counters();
    let [one, other] = [of_client(1, 0, 2), of_client(2, 0, 2)];
    assert_eq!(counters.charge(&one).unwrap().unwrap().texts().0, "\"reports\";q=2;w=3600");
    assert_eq!(standing(&counters, &one).unwrap(), "\"reports\";r=0;t=3600");
    assert_eq!(standing(&counters, &one), refused("reports", 1800));
    assert_eq!(standing(&counters, &other).unwrap(), "\"reports\";r=1;t=1800");
    clock.advance(Duration::from_mins(30));
    assert_eq!(standing(&counters, &one).unwrap(), "\"reports\";r=0;t=3600");
    assert!(standing(&counters, &one).is_err());
}

#[test]
fn what_was_refused_is_refused_at_a_look_until_something_comes_back() {
    let (counters, clock) = counters();
    let [one, other] = [of_client(1, 0, 2), of_client(2, 0, 2)];
    let look = |charges: &[Charge]| counters.refuse_spent(charges).map_err(|refused| refused.says());
    assert!((0..2).all(|_| look(&one).is_ok() && standing(&counters, &one).is_ok()), "a look counts nothing");
    assert!(look(&one).is_ok() && standing(&counters, &one).is_err(), "only a refusal is known");
    assert_eq!(look(&one), Err(("reports".to_owned(), 1800)));
    assert!(look(&other).is_ok());
    clock.advance(Duration::from_mins(29));
    assert_eq!(look(&one), Err(("reports".to_owned(), 60)));
    clock.advance(Duration::from_mins(1));
    assert!(look(&one).is_ok() && standing(&counters, &one).is_ok());
}

#[test]
fn a_burst_has_a_window_of_its_own() {
    let (counters, clock) = counters();
    let charges = of_client(1, 2, 5);
    let announced = counters.charge(&charges).unwrap().unwrap();
    let policies = "\"reports\";q=5;w=3600, \"reports-a-minute\";q=2;w=60";
    assert_eq!(announced.texts(), (policies, "\"reports\";r=4;t=720, \"reports-a-minute\";r=1;t=30"));
    assert!(standing(&counters, &charges).is_ok());
    assert_eq!(standing(&counters, &charges), refused("reports-a-minute", 30));
    clock.advance(Duration::from_mins(1));
    assert!((0..2).all(|_| standing(&counters, &charges).is_ok()));
    clock.advance(Duration::from_mins(1));
    assert_eq!(standing(&counters, &charges).unwrap_err().0, "reports", "an hour's worth is used up");
}

#[test]
fn all_clients_together_have_a_quota_too() {
    let (counters, _clock) = counters();
    let client = |number| with_all(of_client(number, 0, 2), 3);
    let announced = counters.charge(&client(1)).unwrap().unwrap();
    let policies = "\"reports\";q=2;w=3600, \"reports-together\";q=3;w=3600";
    assert_eq!(announced.texts(), (policies, "\"reports\";r=1;t=1800"), "what others use does not show");
    assert!(standing(&counters, &client(2)).is_ok() && standing(&counters, &client(3)).is_ok());
    assert_eq!(standing(&counters, &client(4)), refused("reports-together", 1200));
}

#[test]
fn a_client_that_is_refused_uses_up_nothing_of_what_others_share() {
    let (counters, _clock) = counters();
    for _ in 0..50 {
        let _ = standing(&counters, &with_all(of_client(1, 0, 1), 2));
    }
    assert!(standing(&counters, &with_all(of_client(2, 0, 1), 2)).is_ok());
}

#[test]
fn zero_is_no_limit() {
    let (counters, _clock) = counters();
    assert!((0..5000).all(|_| counters.charge(&of_client(1, 0, 0)).unwrap().is_none()));
}

#[test]
fn what_another_server_counted_is_used_up_here_too() {
    let (counters, _clock) = counters();
    let charges = of_client(1, 0, 5);
    counters.absorb(charges[0].policy, charges[0].subject, 3);
    assert!((0..2).all(|_| standing(&counters, &charges).is_ok()));
    assert!(standing(&counters, &charges).is_err());
    counters.absorb(charges[0].policy, charges[0].subject, i32::MAX);
}

#[test]
fn the_first_call_of_a_client_is_not_worth_a_word_to_other_servers() {
    let (counters, _clock) = counters();
    let charges = of_client(1, 9, 5);
    let unsent = |times: u32| {
        (0..times).for_each(|_| drop(counters.charge(&charges)));
        counters.take_unsent().into_values().collect::<Vec<_>>()
    };
    assert_eq!([unsent(1), unsent(1), unsent(2), unsent(0)], [vec![], vec![1], vec![2], vec![]]);
}

#[test]
fn subjects_with_their_whole_quota_are_forgotten() {
    let (counters, clock) = counters();
    (0..1022).for_each(|number| drop(counters.charge(&of_client(number, 0, 1))));
    assert_eq!(counters.subjects(), 1022);
    clock.advance(Duration::from_hours(3));
    (2000..2002).for_each(|number| drop(counters.charge(&of_client(number, 0, 1))));
    assert!(counters.subjects() <= 2);
}
