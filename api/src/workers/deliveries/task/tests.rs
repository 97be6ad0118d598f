use super::super::samples::{claimed, content, directory, edition, holder, today};
use super::*;
use postbag_domain::{CampaignStatus, DeliveryId, DeliveryState, EditionContent, Office, Route};
use uuid::Uuid;

fn keys() -> BounceKeys {
    BounceKeys::of(&crate::config::Config::default())
}

fn decided(delivery: &ClaimedDelivery, people: Vec<Representative>) -> Task {
    Task::of(delivery, &[], Some(&edition(content())), &directory(people), today(), &keys())
}

fn text(decision: Task) -> (String, EmailAddress) {
    match decision {
        Task::Send { letter, to, .. } => (String::from_utf8(letter.bytes().to_vec()).unwrap(), to),
        other => panic!("not sent: {other:?}"),
    }
}

#[test]
fn a_message_goes_to_the_holder_with_the_words_that_were_stored() {
    let (mail, to) = text(decided(&claimed(), vec![holder(1), holder(2)]));
    assert_eq!(to.as_str(), "holder.1@parliament.example");
    for part in [
        "Dear Jo,",
        "It matters to me. {{ 7*7 }}",
        "Please write to NHS Sampleshire.",
        "Subject: Please act for Sampleton North",
        "X-Postbag-Campaign: a-charity/fair-care",
        "1 High Street",
    ] {
        assert!(mail.contains(part), "{part} is not in {mail}");
    }
}

#[test]
fn deciding_again_gives_the_same_bytes() {
    let people = || vec![holder(1)];
    let retried = ClaimedDelivery { attempts: 3, ..claimed() };
    assert_eq!(decided(&claimed(), people()), decided(&retried, people()));
    let other = ClaimedDelivery { id: DeliveryId::new(Uuid::from_u128(99)), ..claimed() };
    assert_ne!(decided(&claimed(), people()), decided(&other, people()));
}

#[test]
fn nobody_who_left_office_is_written_to() {
    let until = |end_date| vec![Representative { end_date, ..holder(1) }];
    let gone = Task::Hold(HeldFor::Vacancy);
    assert_eq!(decided(&claimed(), until(Some(today()))), gone);
    assert!(matches!(decided(&claimed(), until(today().succ_opt())), Task::Send { .. }));
    let coming = Representative { start_date: today().succ_opt(), ..holder(1) };
    assert_eq!(decided(&claimed(), vec![coming]), gone);
    let moved = Representative { office: Office::Ms, ..holder(1) };
    assert_eq!(decided(&claimed(), vec![moved]), gone);
    assert_eq!(decided(&claimed(), vec![]), gone, "nobody is in the directory");
}

#[test]
fn a_successor_is_written_to_once_the_message_is_held() {
    let people = || {
        vec![
            Representative { end_date: Some(today()), ..holder(1) },
            Representative { start_date: Some(today()), ..holder(2) },
        ]
    };
    assert_eq!(decided(&claimed(), people()), Task::Hold(HeldFor::Vacancy));
    let held = ClaimedDelivery { state: DeliveryState::Held, ..claimed() };
    let redirect = Redirect { id: held.id, representative_id: holder(2).id, area_code: held.area.code };
    assert_eq!(decided(&held, people()), Task::Redirect(redirect));
    let (mail, to) = text(decided(&ClaimedDelivery { representative_id: holder(2).id, ..claimed() }, people()));
    assert_eq!(to.as_str(), "holder.2@parliament.example");
    assert!(mail.contains("Jo Holder 2"), "{mail}");
}

#[test]
fn nobody_without_an_open_route_is_written_to() {
    let refuses = Representative { route: Route::Refuses, ..holder(1) };
    assert_eq!(decided(&claimed(), vec![refuses]), Task::Hold(HeldFor::Refusal));
    let expected = Task::Hold(HeldFor::NoAddress);
    for (route, email) in [(Route::Email, None), (Route::ViaOffice, None), (Route::NoAddress, holder(1).email)] {
        let unreachable = Representative { route, email, ..holder(1) };
        assert_eq!(decided(&claimed(), vec![unreachable]), expected, "{route}");
    }
    let passed_on = Representative { route: Route::ViaOffice, ..holder(1) };
    assert!(matches!(decided(&claimed(), vec![passed_on]), Task::Send { .. }));
}

#[test]
fn a_paused_campaign_waits_and_an_ended_one_sends_what_it_accepted() {
    for status in CampaignStatus::ALL {
        let delivery = ClaimedDelivery { campaign_status: *status, ..claimed() };
        let decision = decided(&delivery, vec![holder(1)]);
        assert_eq!(decision == Task::Wait, *status == CampaignStatus::Paused, "{status}");
        assert_eq!(matches!(decision, Task::Send { .. }), *status != CampaignStatus::Paused, "{status}");
    }
}

#[test]
fn what_cannot_be_made_into_a_message_is_our_own_failure() {
    let people = directory(vec![holder(1)]);
    let broken = |delivery: &ClaimedDelivery, edition: Option<&CachedEdition>| {
        assert!(matches!(Task::of(delivery, &[], edition, &people, today(), &keys()), Task::Break(_)));
    };
    broken(&claimed(), None);
    broken(&claimed(), Some(&edition(EditionContent { sending_domain: None, ..content() })));
    broken(&claimed(), Some(&edition(EditionContent { templates: Vec::new(), ..content() })));
    let nowhere = ClaimedDelivery { areas: Vec::new(), ..claimed() };
    broken(&nowhere, Some(&edition(content())));
}

#[test]
fn a_reason_holds_no_name() {
    let nowhere = ClaimedDelivery { areas: Vec::new(), ..claimed() };
    let reason = format!("{:?}", decided(&nowhere, vec![holder(1)]));
    for name in ["Ada", "Sample", "Jo ", "people.example", "ZZ1"] {
        assert!(!reason.contains(name), "{reason}");
    }
}
