use super::*;
use crate::samples::{ORGANISATION, at, fresh, publish, record as submission};
use crate::testing::{block_on, each_backend};
use crate::{Erasure, Intake, IntakeOptions, TallyListener};
use postbag_domain::{PauseReason, RequestWords};
use std::sync::Arc;

const WORDS: &str = "Please send me everything that you hold on me.";

fn actor(seconds: i64) -> Actor {
    Actor { name: "crm".to_owned(), now: at(seconds), fresh }
}

fn new(kind: RequestKind) -> NewRequest {
    NewRequest {
        id: RequestId::new(fresh()),
        organisation_id: ORGANISATION,
        request: RightsRequest::new(kind, at(0)),
        means: Means::Email,
        contact: EmailAddress::parse("ada@example.org").unwrap(),
        words: RequestWords::parse(WORDS).ok(),
        note: None,
    }
}

#[test]
fn a_request_is_read_back_with_its_words_and_goes_its_way() {
    each_backend(|store| {
        publish(store, "retry");
        let access = new(RequestKind::Access);
        let id = access.id;
        block_on(store.record_request(access, actor(1))).unwrap();
        let stored = block_on(store.request(Reach::All, id)).unwrap().unwrap();
        assert_eq!(stored.words.as_ref().unwrap().as_str(), WORDS);
        assert_eq!((stored.supporter_id, stored.recorded_by.as_deref()), (None, Some("crm")));
        let step = |step, revision, seconds| {
            let note = StaffNote::parse("Asked for a copy of an identity card.").ok();
            let expected = Expected::Revision(revision);
            block_on(store.step_request(Reach::All, id, (step, note), expected, actor(seconds))).unwrap()
        };
        let paused = step(RequestStep::Pause(PauseReason::Identity), 1, 60).value().unwrap();
        assert_eq!(paused.request.paused, Some((at(60), PauseReason::Identity)));
        assert!(matches!(step(RequestStep::Resume, 1, 90), Edited::Stale(Some(2))));
        let resumed = step(RequestStep::Resume, 2, 90).value().unwrap();
        assert_eq!(resumed.request.paused_for, TimeDelta::seconds(30));
        let done = step(RequestStep::Finish, 3, 95).value().unwrap();
        assert_eq!(block_on(store.request(Reach::All, id)).unwrap(), Some(done));
        assert!(matches!(step(RequestStep::Resume, 4, 99), Edited::Refused(_)));
        assert_eq!(block_on(store.open_requests()).unwrap(), []);
    });
}

#[test]
fn requests_are_listed_within_reach_by_kind_and_status() {
    each_backend(|store| {
        publish(store, "retry");
        for kind in [RequestKind::Access, RequestKind::Complaint] {
            block_on(store.record_request(new(kind), actor(1))).unwrap();
        }
        let page = PageRequest { limit: 10, after: None };
        let list = |reach, kind| {
            let filter = RequestFilter { kind, status: Some(RequestStatus::Open), supporter_id: None };
            block_on(store.list_requests(reach, filter, page)).unwrap().items.len()
        };
        assert_eq!((list(Reach::All, None), list(Reach::All, Some(RequestKind::Complaint))), (2, 1));
        assert_eq!(list(Reach::Organisation(OrganisationId::new(fresh())), None), 0);
        assert_eq!(block_on(store.open_requests()).unwrap().len(), 2);
    });
}

#[test]
fn a_request_is_about_the_supporter_with_the_address_and_an_erasure_meets_it() {
    each_backend(|store| {
        publish(store, "retry");
        let submitted = submission("ada@example.org", "1", 0);
        let ada = submitted.supporter_id;
        let quiet: TallyListener = Arc::new(|_rows| {});
        let erasure = new(RequestKind::Erasure);
        let id = erasure.id;
        block_on(async {
            let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
            intake.record(submitted).await.unwrap();
            intake.stop().await;
            store.record_request(erasure, actor(1)).await.unwrap();
            assert_eq!(store.request(Reach::All, id).await.unwrap().unwrap().supporter_id, Some(ada));
            let order = Erasure { suppression: None, actor: actor(5), by_staff: true };
            store.erase_supporter(Reach::All, ada, order).await.unwrap().unwrap();
            let met = store.request(Reach::All, id).await.unwrap().unwrap();
            assert_eq!((met.request.status, met.request.closed_at), (RequestStatus::Done, Some(at(5))));
            assert_eq!((met.contact, met.words), (None, None));
        });
    });
}

#[test]
fn a_complaint_from_the_web_is_attributed_afterwards() {
    each_backend(|store| {
        publish(store, "retry");
        let submitted = submission("ada@example.org", "1", 0);
        let ada = submitted.supporter_id;
        let quiet: TallyListener = Arc::new(|_rows| {});
        block_on(async {
            let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
            intake.record(submitted).await.unwrap();
            intake.stop().await;
            let complaint = NewRequest { means: Means::Form, ..new(RequestKind::Complaint) };
            let id = complaint.id;
            store.record_request(complaint, actor(1)).await.unwrap();
            assert_eq!(store.request(Reach::All, id).await.unwrap().unwrap().supporter_id, None);
            assert_eq!(store.attribute_requests(at(2), 10).await.unwrap(), 1);
            assert_eq!(store.request(Reach::All, id).await.unwrap().unwrap().supporter_id, Some(ada));
            assert_eq!(store.attribute_requests(at(3), 10).await.unwrap(), 0);
        });
    });
}
